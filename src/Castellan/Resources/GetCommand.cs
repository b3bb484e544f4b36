using System.CommandLine;
using System.Text.Json.Nodes;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;
using Spectre.Console;

namespace Castellan.Cli.Resources;

/// <summary><c>castellan get</c>: the server's own columns, as kubectl shows them.</summary>
internal static class GetCommand
{
    public static Command Create()
    {
        var kind = new Argument<string>("kind") { Description = "Plural, singular or short name: agents, toolservers, modelconfigs, agentpolicies, clusteragentpolicies, agentbudgets, clusteragentbudgets, pods …" };
        var name = new Argument<string?>("name") { Description = "Only this object.", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all-namespaces", "-A") { Description = "Over all namespaces." };
        var command = ExampleHelp.With(new Command("get", "List objects, or show one.") { kind, name, all, GlobalOptions.Namespace, GlobalOptions.Output },
            "castellan get agents", "castellan get agent triage -o yaml", "castellan get pods -n shop");
        command.SetBody(async (parsed, ct) =>
        {
            using var cluster = ClusterAccess.Open(parsed);
            var found = await cluster.ResolveAsync(parsed.GetValue(kind)!, ct);
            var ns = !found.Resource.Namespaced || parsed.GetValue(all) ? null : parsed.GetValue(GlobalOptions.Namespace);
            try
            {
                await WriteAsync(cluster.Connection, found, ns, parsed.GetValue(name), parsed.GetValue(GlobalOptions.Output), Console.Out, ct);
            }
            catch (KubeException e) when (e.IsNotFound)
            {
                throw new CommandFailure(e.Message, $"'castellan get {found.Resource.Plural} -A' lists what there is", inner: e);
            }
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task WriteAsync(KubeConnection kube, DiscoveredResource found, string? ns, string? name, OutputFormat format, TextWriter output, CancellationToken ct)
    {
        var resource = found.Resource;
        if (format is OutputFormat.Json or OutputFormat.Yaml)
        {
            JsonNode document = name is not null
                ? await kube.GetAsync(resource, new NamespacedName(ns ?? "", name), ct)
                : new JsonArray([.. (await kube.ListAsync(resource, ns, ct: ct)).Items.Select(i => i.DeepClone())]);
            ResultWriter.TryWriteDocument(output, format, () => document);
            return;
        }
        var table = await kube.GetTableAsync(resource, ns, name, ct: ct);
        var columns = ((JsonArray)table["columnDefinitions"]!).Select((c, i) => (Name: (string)c!["name"]!, Wide: ((int?)c["priority"] ?? 0) > 0, Index: i))
            .Where(c => format == OutputFormat.Wide || !c.Wide).ToList();
        var rows = ((table["rows"] as JsonArray) ?? []).OfType<JsonObject>().ToList();
        if (rows.Count == 0)
        {
            CommandRunner.ErrorConsole.WriteLine(ns is null ? "No resources found." : $"No resources found in namespace {ns}.");
            return;
        }
        var withNamespace = resource.Namespaced && ns is null;
        ResultWriter.WriteTable(output, [.. withNamespace ? ["NAMESPACE"] : (string[])[], .. columns.Select(c => c.Name.ToUpperInvariant())],
            rows.Select(row => (string[])[.. withNamespace ? [(string?)row["object"]?["metadata"]?["namespace"] ?? ""] : (string[])[], .. columns.Select(c => Cell(row["cells"]![c.Index]))]));
    }

    private static string Cell(JsonNode? cell) => cell switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => cell.ToJsonString(),
    };
}
