using System.Diagnostics;
using System.Text.Json.Nodes;
using Castellan.Testing;

namespace Castellan.EndToEnd.Tests.Workflows;

/// <summary>The official npm package as worker and client, driven over its standard input.</summary>
internal sealed class DaprNode : IAsyncDisposable
{
    private readonly Process _node;
    private readonly Task<string> _errors;
    private int _asked;

    private DaprNode(Process node)
    {
        _node = node;
        _errors = node.StandardError.ReadToEndAsync();
    }

    public static async Task<DaprNode> StartAsync(int port, string token)
    {
        var start = new ProcessStartInfo("node", ["run.mjs", "dapr", "worker", "client"])
        {
            WorkingDirectory = await NpmPackages.InstallAsync("Workflows.Tests"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["PORT"], start.Environment["TOKEN"]) = ($"{port}", token);
        var dapr = new DaprNode(Process.Start(start)!);
        await dapr.ReadAsync();
        return dapr;
    }

    /// <summary>Does one operation of the package's client.</summary>
    public async Task<JsonNode?> AskAsync(string operation, params JsonNode?[] arguments)
    {
        var request = new JsonObject { ["id"] = ++_asked, ["operation"] = operation, ["arguments"] = new JsonArray(arguments) };
        await _node.StandardInput.WriteLineAsync(request.ToJsonString());
        var answer = await ReadAsync();
        return answer!["error"] is { } error ? throw new Xunit.Sdk.XunitException($"{operation}: {error}") : answer["result"];
    }

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close(); // its end
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _node.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_node.HasExited)
        {
            _node.Kill();
        }
        _node.Dispose();
    }

    private async Task<JsonNode?> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (await _node.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (line.StartsWith("> ", StringComparison.Ordinal))
            {
                return JsonNode.Parse(line[2..]);
            }
        }
        throw new Xunit.Sdk.XunitException($"node ended: {await _errors}");
    }
}
