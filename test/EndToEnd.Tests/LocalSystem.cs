using System.Diagnostics;
using System.Text.Json.Nodes;
using Castellan.Testing;

namespace Castellan.EndToEnd.Tests;

/// <summary>A local system of its own, driven by the <c>castellan</c> command as a user would.</summary>
public sealed class LocalSystem : IAsyncDisposable
{
    private LocalSystem(string state) => State = state;

    /// <summary>Its state directory.</summary>
    public string State { get; }

    /// <summary>Variables that its commands get on top of this process's; null takes one away.</summary>
    public Dictionary<string, string?> Environment { get; } = new() { ["NO_COLOR"] = "1", ["OPENAI_API_KEY"] = null, ["OPENAI_BASE_URL"] = null, ["OLLAMA_HOST"] = null };

    /// <summary>Types <c>dotnet castellan.dll</c> in place of <c>castellan</c>.</summary>
    public bool ThroughDotnet { get; init; }

    public static async Task<LocalSystem> StartAsync(params string[] upArguments)
    {
        var system = New();
        (await system.RunAsync(["up", "-d", "--api-port", "0", "--gateway-port", "0", .. upArguments])).MustSucceed();
        return system;
    }

    /// <summary>Starts it again after its death, where it was.</summary>
    public async Task RestartAsync()
    {
        var (api, gateway) = (new Uri((string)Daemon["apiServer"]!).Port, new Uri((string)Daemon["gateway"]!).Port);
        (await RunAsync("up", "-d", "--api-port", $"{api}", "--gateway-port", $"{gateway}")).MustSucceed();
    }

    /// <summary>A state directory under which nothing runs yet.</summary>
    public static LocalSystem New(bool throughDotnet = false) => new(Path.Combine(Path.GetTempPath(), $"castellan-e2e-{Guid.NewGuid():N}"[..28])) { ThroughDotnet = throughDotnet };

    /// <summary>Runs one command to its end.</summary>
    public async Task<Answer> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        await process.WaitForExitAsync(deadline.Token);
        return new Answer(string.Join(' ', arguments), process.ExitCode, await output, await errors);
    }

    /// <summary>Starts one command; the caller waits for it.</summary>
    public Process Start(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "castellan");
        var start = new ProcessStartInfo(ThroughDotnet ? "dotnet" : program, [.. ThroughDotnet ? [$"{program}.dll"] : (string[])[], .. arguments, "--state", State])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException("castellan did not start");
    }

    /// <summary>A result as JSON.</summary>
    public async Task<JsonNode> JsonAsync(params string[] arguments) => JsonNode.Parse((await RunAsync([.. arguments, "-o", "json"])).MustSucceed().Output)!;

    /// <summary>What the running daemon says of itself.</summary>
    public JsonNode Daemon => JsonNode.Parse(File.ReadAllText(Path.Combine(State, "daemon.json")))!;

    public int DaemonProcessId => (int)Daemon["processId"]!;

    /// <summary>The example that most tests run.</summary>
    public async Task ApplyTriageAsync() => (await RunAsync("apply", "-f", "examples/01-sre-triage", "--wait")).MustSucceed();

    /// <summary>The one call that waits for an approval.</summary>
    public async Task<JsonNode> PendingApprovalAsync() => Assert.Single((await JsonAsync("approvals", "list")).AsArray())!;

    public async ValueTask DisposeAsync()
    {
        var down = await RunAsync("down");
        var log = Path.Combine(State, "logs", "daemon.log");
        var last = File.Exists(log) ? string.Join('\n', File.ReadLines(log).TakeLast(30)) : "";
        (await RunAsync("down", "--purge")).MustSucceed();
        Assert.True(down.ExitCode == 0, $"{down}\n{last}");
    }
}

/// <summary>What a command answered.</summary>
public sealed record Answer(string Command, int ExitCode, string Output, string Errors)
{
    public Answer MustSucceed() => Must(0);

    public Answer Must(int exitCode) => ExitCode == exitCode ? this : throw new Xunit.Sdk.XunitException($"expected exit code {exitCode}: {this}");

    public override string ToString() => $"castellan {Command} answered {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}";
}
