using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Reads the log of a container.</summary>
internal sealed class LogsTool : IClusterTool
{
    private const int StandardTail = 100, MostBytes = 4 << 20;

    public ToolSpec Spec { get; } = new(
        "logs", "Container logs",
        "Reads the last lines of a container's log. Name a pod, or a workload (kind and name) to get its most troubled pod. "
        + "For a container that crashes, set previous: the log of the start before holds the reason.",
        ToolEffect.Read,
        Schema.Object(
            [
                ("kind", Schema.Text("Pod (the default) or the kind of a workload.", "Pod", "Deployment")),
                ("name", Schema.Text("Name of the pod or workload.", "checkout")),
                Common.Namespace.Copy(),
                ("container", Schema.Text("The container; without it the one that is in trouble, or the first.")),
                ("previous", Schema.Flag("True reads the log of the container's start before.")),
                ("tail", Schema.Integer("Lines from the end.", 1, 5000, StandardTail)),
                ("sinceSeconds", Schema.Integer("Only lines of the last so many seconds.", 1, 604800)),
                ("grep", Schema.Text("Only lines that match this regular expression, case ignored; looked for in the whole log.", "error|fatal|exception")),
            ],
            "name"),
        Schema.Output(
            ("pod", Schema.Text("The pod.")), ("container", Schema.Text("The container.")),
            ("lines", Schema.ListOf("Oldest first.", new JsonObject { ["type"] = "string" }))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var pod = await PodAsync(call, ct).ConfigureAwait(false);
        var (container, others) = ContainerOf(pod, call.Arguments.OptionalText("container"));
        var (previous, tail, grep) = (call.Arguments.Flag("previous"), call.Arguments.Integer("tail", StandardTail), call.Arguments.OptionalText("grep"));
        var options = new LogOptions
        {
            Container = container, Previous = previous, SinceSeconds = call.Arguments.Integer("sinceSeconds"), LimitBytes = grep is null ? null : MostBytes,
            TailLines = grep is null ? tail : null,
        };
        var key = new NamespacedName(pod.Namespace, pod.Name);
        string log;
        try
        {
            log = await call.Kube.ReadLogsAsync(key, options, ct).ConfigureAwait(false);
        }
        catch (KubeException e) when (e.Code is HttpStatusCode.BadRequest)
        {
            throw new ToolProblem($"no log of container '{container}' of pod '{key}': {e.Message}", HintFor(pod, container, previous), e);
        }
        var lines = Matching(log.Split('\n', StringSplitOptions.RemoveEmptyEntries), grep).TakeLast(tail).ToList();
        var data = new JsonObject { ["pod"] = pod.Name, ["namespace"] = pod.Namespace, ["container"] = container, ["previous"] = previous, ["lines"] = new JsonArray([.. lines.Select(l => (JsonNode)l)]) };
        return new(TextOf(pod, container, previous, others, lines, grep), data);
    }

    private static async Task<PodSummary> PodAsync(ClusterCall call, CancellationToken ct)
    {
        var kind = call.Arguments.OptionalText("kind") ?? "Pod";
        var resource = await call.Discovery.FindAsync(kind, ct).ConfigureAwait(false) ?? throw new ToolProblem($"the cluster has no kind '{kind}'", "use Pod, or a workload such as Deployment");
        var key = new NamespacedName(call.Options.NamespaceFor(resource.Resource, call.Arguments.OptionalText("namespace")), call.Arguments.Text("name"));
        var item = await call.ReadAsync(resource.Resource, key, ct).ConfigureAwait(false);
        var pods = await WorkloadPods.OfAsync(call, item, ct).ConfigureAwait(false);
        return pods.Count > 0 ? pods[0] : throw new ToolProblem($"{resource.Resource.Kind} '{key}' has no pods", "look at its events and at describe for the reason");
    }

    private static (string Container, IReadOnlyList<string> Others) ContainerOf(PodSummary pod, string? wanted)
    {
        var names = Fields.Items(pod.Pod, "spec", "initContainers").Concat(Fields.Items(pod.Pod, "spec", "containers")).Select(c => Fields.Text(c, "name") ?? "").ToList();
        if (wanted is not null)
            return names.Contains(wanted) ? (wanted, []) : throw new ToolProblem($"pod '{pod.Name}' has no container '{wanted}'", $"it has {string.Join(", ", names)}");
        var troubled = ContainerSummary.InitOf(pod.Pod).FirstOrDefault(c => c is not { State: "terminated", ExitCode: 0 })?.Name ?? pod.Containers.FirstOrDefault(c => !c.Ready)?.Name;
        var chosen = troubled ?? Fields.Text(pod.Pod, "metadata", "annotations", "kubectl.kubernetes.io/default-container")
            ?? Fields.Text(Fields.Items(pod.Pod, "spec", "containers").FirstOrDefault(), "name") ?? "";
        return (chosen, [.. names.Where(n => n != chosen)]);
    }

    private static IEnumerable<string> Matching(IEnumerable<string> lines, string? grep)
    {
        if (grep is null) return lines;
        try
        {
            // Without backtracking the time grows with the log alone, and that is limited; so no time limit that a busy machine would break.
            var pattern = new Regex(grep, RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Regex.InfiniteMatchTimeout);
            return lines.Where(l => pattern.IsMatch(l));
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new ToolProblem($"'{grep}' is no regular expression that can be used here: {e.Message}", "use a simpler one, without look-around and back-references", e);
        }
    }

    private static string HintFor(PodSummary pod, string container, bool previous)
    {
        var state = pod.Containers.FirstOrDefault(c => c.Name == container);
        if (previous) return "the container has not been restarted: ask without previous";
        return state is { Restarts: > 0 } ? "ask with previous: true" : $"the container is {state?.Line() ?? "not started"}; look at the pod's events";
    }

    private static string TextOf(PodSummary pod, string container, bool previous, IReadOnlyList<string> others, List<string> lines, string? grep)
    {
        var header = $"Pod {pod.Namespace}/{pod.Name}, container {container}{(previous ? ", start before" : "")}: {lines.Count} lines{(grep is null ? "" : $" match '{grep}'")}";
        if (others.Count > 0) header += $" (other containers: {string.Join(", ", others)})";
        if (lines.Count > 0) return TextBudget.Fit($"{header}\n{string.Join('\n', lines)}", "use grep, a smaller tail or sinceSeconds");
        var hint = grep is not null ? "Try another pattern." : !previous && pod.Restarts > 0 ? "Ask with previous: true, the container restarted." : "It has written nothing.";
        return $"{header}. {hint}";
    }
}
