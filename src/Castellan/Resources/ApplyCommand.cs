using System.CommandLine;
using System.Text.Json.Nodes;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi;
using Castellan.KubeClient;

namespace Castellan.Cli.Resources;

/// <summary><c>castellan apply -f</c>: server-side apply of manifests, field by field validated by the server.</summary>
internal static class ApplyCommand
{
    private const string FieldManager = "castellan-cli";

    public static Command Create()
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "File or folder with manifests, or - for standard input. May be repeated.", Required = true, HelpName = "PATH" };
        var wait = new Option<bool>("--wait") { Description = "Wait until every Castellan object among them is Ready." };
        var timeout = new Option<int>("--timeout") { Description = "Longest wait, in seconds.", DefaultValueFactory = _ => 120, HelpName = "SECONDS" };
        var command = ExampleHelp.With(new Command("apply", "Create or change objects from manifests.") { files, wait, timeout },
            "castellan apply -f examples/01-sre-triage", "castellan apply -f agent.yaml --wait", "cat agent.yaml | castellan apply -f -");
        command.SetBody(async (parsed, ct) =>
        {
            var objects = await ManifestReader.ReadAsync(parsed.GetValue(files)!, Console.In, ct);
            using var cluster = ClusterAccess.Open(parsed);
            var model = ModelOverride.OfRunning(parsed.Paths());
            var failed = await ApplyAsync(cluster, objects, model, Console.Out, ct);
            if (failed > 0)
            {
                throw new CommandFailure($"{failed} of {objects.Count} objects were not applied", "correct what is named above and apply again; the others are in place");
            }
            if (parsed.GetValue(wait))
            {
                await ReadyWait.ForAsync(cluster, objects, TimeSpan.FromSeconds(parsed.GetValue(timeout)), Console.Out, TimeProvider.System, ct);
            }
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Applies all objects in their order; one that fails is reported and does not keep the others.</summary>
    /// <returns>How many failed.</returns>
    private static async Task<int> ApplyAsync(ClusterAccess cluster, IReadOnlyList<ManifestObject> objects, ModelOverride? model, TextWriter output, CancellationToken ct)
    {
        var failed = 0;
        foreach (var item in objects)
        {
            try
            {
                var applied = model?.Apply(item, output) ?? item;
                var resource = (await cluster.Discovery.FindAsync(applied.ApiVersion, applied.Kind, ct))?.Resource
                    ?? throw new CommandFailure($"{item.Source}: the cluster has no kind {item.Kind} in {item.ApiVersion}", "check apiVersion and kind; 'kubectl api-resources' lists what there is");
                await output.WriteLineAsync($"{resource.Kind.ToLowerInvariant()}/{item.Name} {await ApplyOneAsync(cluster.Connection, resource, applied, ct)}");
            }
            catch (KubeException e)
            {
                failed++;
                CommandRunner.Report($"{item.Source}: {item.Kind.ToLowerInvariant()}/{item.Name}: {e.Message}", "correct the field named; the other objects are applied");
            }
            catch (CommandFailure e)
            {
                failed++;
                CommandRunner.Report(e.Problem, e.Remedy);
            }
        }
        return failed;
    }

    private static async Task<string> ApplyOneAsync(KubeConnection kube, KubeResource resource, ManifestObject item, CancellationToken ct)
    {
        var value = (JsonObject)item.Object.DeepClone();
        var ns = resource.Namespaced ? item.Namespace ?? "default" : "";
        if (resource.Namespaced)
        {
            value["metadata"]!["namespace"] = ns;
        }
        var before = await kube.FindAsync(resource, new NamespacedName(ns, item.Name), ct);
        var after = await kube.ApplyAsync(resource, value, FieldManager, force: true, new WriteOptions { FieldValidation = "Strict" }, ct);
        return before is null ? "created" : VersionOf(before) == VersionOf(after) ? "unchanged" : "configured";
    }

    private static string? VersionOf(JsonObject value) => (string?)value["metadata"]?["resourceVersion"];
}
