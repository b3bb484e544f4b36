using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Castellan.GatewayApi;

public sealed partial class GatewayClient
{
    /// <summary>The gateway says something at least this often, if only an empty line.</summary>
    public static TimeSpan CommandHeartbeat { get; } = TimeSpan.FromSeconds(15);

    /// <summary>Follows what the gateway wants of this agent's sidecar; for agents on Dapr. One connection, no reconnect: each begins with all that is not done.</summary>
    /// <param name="clock">Measures the silence after which the connection counts as lost.</param>
    /// <param name="connected">Called once the gateway has answered.</param>
    /// <param name="ct">Ends the stream.</param>
    /// <exception cref="GatewayException">The gateway refuses, was silent for too long, or says what cannot be read.</exception>
    public async IAsyncEnumerable<RunCommand> RunCommandsAsync(TimeProvider clock, Action connected, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Path = "/v1/run-commands";
        using var request = new HttpRequestMessage(HttpMethod.Get, Path);
        using var response = await AnswerAsync(request, ct).ConfigureAwait(false);
        connected();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ct).ConfigureAwait(false), Encoding.UTF8);
        while (await LineAsync(reader, clock, ct).ConfigureAwait(false) is { } line)
        {
            if (line.Length > 0)
            {
                yield return Command(line, Path);
            }
        }
    }

    /// <summary>Says that a command is done.</summary>
    public Task CompleteCommandAsync(string id, CancellationToken ct) => SendAsync(HttpMethod.Delete, $"/v1/run-commands/{Escape(id)}", null, ct);

    /// <summary>Reports the end of a run of this agent. The first report counts.</summary>
    public Task EndRunAsync(string runId, RunReport report, CancellationToken ct) => SendAsync(HttpMethod.Post, $"/v1/runs/{Escape(runId)}/end", report, ct);

    private static async Task<string?> LineAsync(StreamReader reader, TimeProvider clock, CancellationToken ct)
    {
        using var silence = new CancellationTokenSource(CommandHeartbeat * 3, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ct);
        try
        {
            return await reader.ReadLineAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw Lost($"the gateway said nothing for {(CommandHeartbeat * 3).TotalSeconds:0} s", null);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Lost($"the gateway closed the connection: {e.Message}", e);
        }
    }

    private static RunCommand Command(string line, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RunCommand>(line, GatewayJson.Options) ?? throw new JsonException("the command is null");
        }
        catch (JsonException e)
        {
            throw Unreadable(HttpMethod.Get, path, e);
        }
    }

    private static GatewayException Lost(string problem, Exception? inner) => new(new GatewayProblem(0, "Unreachable", problem, "connect again"), inner);
}
