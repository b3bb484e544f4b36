using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.Cli.Local;

/// <summary><c>castellan status</c>: whether the local system runs, and what it holds.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var command = ExampleHelp.With(new Command("status", "Whether the local system runs, where, and what is in it.") { GlobalOptions.Output }, "castellan status", "castellan status -o json");
        command.SetBody(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var paths = parsed.Paths();
        var daemon = DaemonState.ReadRunning(paths);
        var left = daemon is null ? DaemonState.Read(paths) : null;
        var document = daemon is null ? new JsonObject { ["running"] = false } : (JsonObject)JsonSerializer.SerializeToNode(daemon, JsonSerializerOptions.Web)!;
        if (daemon is { Phase: DaemonPhase.Ready })
        {
            document["pods"] = await PodsAsync(parsed, ct);
        }
        if (ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => document))
        {
            return daemon is null ? ExitCode.Failure : ExitCode.Success;
        }
        if (daemon is null)
        {
            Console.WriteLine($"Nothing runs in {paths.Root}." + (left is null ? "" : $" The last daemon (pid {left.ProcessId}) ended {(left.Phase == DaemonPhase.Failed ? $"with: {left.Message}" : "without a word")}."));
            return ExitCode.Failure;
        }
        ResultWriter.WriteTable(Console.Out, ["PHASE", "PID", "SINCE", "API", "GATEWAY", "STATE"],
            [[daemon.Phase.ToString(), $"{daemon.ProcessId}", daemon.StartedAt.ToString("u"), daemon.ApiServer ?? "", daemon.Gateway ?? "", paths.Root]]);
        if (document["pods"] is JsonArray { Count: > 0 } pods)
        {
            Console.WriteLine();
            ResultWriter.WriteTable(Console.Out, ["NAMESPACE", "POD", "PHASE", "RESTARTS"],
                pods.Select(p => (string[])[(string)p!["namespace"]!, (string)p["name"]!, (string)p["phase"]!, p["restarts"]!.ToJsonString()]));
        }
        return ExitCode.Success;
    }

    private static async Task<JsonArray> PodsAsync(ParseResult parsed, CancellationToken ct)
    {
        using var cluster = ClusterAccess.Open(parsed);
        var pods = await cluster.Connection.ListAsync(KubeResource.Of<Pod>(), ct: ct);
        return [.. pods.Items.Select(p => new JsonObject
        {
            ["namespace"] = (string?)p["metadata"]?["namespace"] ?? "",
            ["name"] = (string?)p["metadata"]?["name"] ?? "",
            ["phase"] = (string?)p["status"]?["phase"] ?? "Unknown",
            ["restarts"] = (p["status"]?["containerStatuses"] as JsonArray)?.Sum(c => (int?)c?["restartCount"] ?? 0) ?? 0,
        })];
    }
}
