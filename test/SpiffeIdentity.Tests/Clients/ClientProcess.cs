using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity.Tests.Clients;

/// <summary>A program of another language that prints one JSON object per line and ends when its input does.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly Task<string> _errors;

    private ClientProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public static ClientProcess Start(string program, params IEnumerable<string> arguments) => new(Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
    })!);

    /// <summary>Runs a program to its end and gives what it printed.</summary>
    public static async Task<string> RunAsync(string program, params IEnumerable<string> arguments)
    {
        await using var process = Start(program, arguments);
        process._process.StandardInput.Close();
        var output = await process._process.StandardOutput.ReadToEndAsync();
        await process._process.WaitForExitAsync();
        return process._process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with {process._process.ExitCode}: {output}{await process._errors}");
    }

    /// <summary>Runs a program to its end and gives its lines.</summary>
    public static async Task<IReadOnlyList<JsonNode>> LinesAsync(string program, params IEnumerable<string> arguments) =>
        [.. (await RunAsync(program, arguments)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)];

    /// <summary>The next line.</summary>
    public async Task<JsonNode> NextAsync()
    {
        using var patience = new CancellationTokenSource(s_patience);
        var line = await _process.StandardOutput.ReadLineAsync(patience.Token);
        return line is not null ? JsonNode.Parse(line)! : throw new InvalidOperationException($"the program ended: {await _errors}");
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(s_patience);
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        finally
        {
            _process.Dispose();
        }
    }
}
