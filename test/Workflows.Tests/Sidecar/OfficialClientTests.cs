using System.Diagnostics;

namespace Castellan.Workflows.Tests.Sidecar;

/// <summary>The official npm client and worker, unchanged, against the embedded sidecar.</summary>
public sealed class OfficialClientTests
{
    [Fact]
    public async Task DaprForJavaScript_WhenItRunsItsSamples_GetsWhatDaprGives()
    {
        var tools = (await RunAsync(FromRoot("scripts/npm-tools"), [FromRoot("test/Workflows.Tests/npm")], [])).Trim();
        await using var server = await SidecarServer.StartAsync();
        var output = await RunAsync("node", [FromRoot("test/Workflows.Tests/npm/samples.mjs")],
            [("NPM_TOOLS", tools), ("PORT", server.Address.Port.ToString()), ("TOKEN", "js")]);
        var results = output.Split('\n').Where(line => line.StartsWith("RESULT ", StringComparison.Ordinal))
            .Select(line => line.Split(' ', 3)).ToDictionary(parts => parts[1], parts => parts[2]);
        Assert.True(!output.Contains("\nFAILED ") && results.Count == 13, output);
        Assert.Equal("\"\\\"HELLO DAPR!\\\"\"", results["chain"]);
        Assert.Equal("60", results["fanOut"]);
        Assert.Equal("\"\\\"HELLO CHILD!\\\"\"", results["parent"]);
        Assert.Equal("\"\\\"awake\\\"\"", results["timer"]);
        Assert.Equal("\"\\\"expired\\\"\"", results["expired"]);
        Assert.StartsWith("[3,", results["failing"]);
        Assert.Contains("out of paper", results["failing"]);
        Assert.Equal("\"\\\"zero\\\"\"", results["countdown"]);
        Assert.Equal("7", results["suspended"]);
        Assert.Equal("\"\\\"yes\\\"\"", results["event"]);
        Assert.Equal("true", results["purged"]);
        Assert.Equal("5", results["terminated"]);
        Assert.Equal(((1 << 20) + 2 + "Hello !".Length).ToString(), results["big"]);
        Assert.Equal("true", results["many"]);
    }

    private static string FromRoot(string path)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Agents.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, path);
    }

    private static async Task<string> RunAsync(string program, string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var kill = limit.Token.Register(() => process.Kill(entireProcessTree: true));
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {output} {await errors}");
        return output;
    }
}
