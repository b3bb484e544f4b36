using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.McpServers.Cluster.Rendering;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>What the cluster reported lately.</summary>
internal sealed class EventsTool : IClusterTool
{
    private const int StandardLimit = 40;

    public ToolSpec Spec { get; } = new(
        "events", "Recent events",
        "Lists events, newest first, with repetitions merged into one line. Shows why pods do not start: failed pulls, failed probes, "
        + "back-off, scheduling. Narrow it to one object with kind and name, or to type Warning.",
        ToolEffect.Read,
        Schema.Object(
            [
                Common.Namespace.Copy(),
                ("kind", Schema.Text("Only events about objects of this kind.", "Pod")),
                ("name", Schema.Text("Only events about the object of this name; a trailing * takes all that begin so.", "checkout-7d9f*")),
                ("type", Schema.Choice("Only events of this type.", "Normal", "Warning")),
                ("sinceSeconds", Schema.Integer("Only events of the last so many seconds.", 1, 604800)),
                ("limit", Schema.Integer("Most lines to return.", 1, 200, StandardLimit)),
            ]),
        Schema.Output(("total", Schema.Integer("How many lines there are.", 0, int.MaxValue)), ("items", Schema.ListOf("Newest first.", Schema.Any("type, reason, object, message, count, first, last.")))));

    public async Task<ToolAnswer> RunAsync(ClusterCall call, CancellationToken ct)
    {
        var resource = KubeResource.Of<Event>();
        var kind = call.Arguments.OptionalText("kind") is null ? null : (await call.ResourceAsync(ct).ConfigureAwait(false)).Resource.Kind;
        List<JsonObject> events = [];
        foreach (var ns in call.Options.NamespacesFor(resource, call.Arguments.OptionalText("namespace")))
            events.AddRange((await call.Kube.ListAsync(resource, ns, null, ct).ConfigureAwait(false)).Items);
        var merged = EventSummary.Merge(events)
            .Where(e => (kind is null || e.Object.StartsWith(kind + "/", StringComparison.Ordinal)) && IsNamed(e, call.Arguments.OptionalText("name")))
            .Where(e => call.Arguments.OptionalText("type") is not { } type || e.Type == type)
            .Where(e => call.Arguments.Integer("sinceSeconds") is not { } since || call.Now - e.Last <= TimeSpan.FromSeconds(since))
            .ToList();
        return Answer(merged, call.Arguments.Integer("limit", StandardLimit), call.Now);
    }

    private static ToolAnswer Answer(List<EventSummary> all, int limit, DateTimeOffset now)
    {
        var shown = all.Take(limit).ToList();
        var text = all.Count == 0
            ? "No events. They are kept for about an hour; conditions and container states (describe) last longer."
            : string.Join('\n', shown.Select(e => e.Line(now))) + (all.Count > limit ? $"\n{all.Count - limit} older; narrow with kind, name or type, or raise limit." : "");
        return new(TextBudget.Fit(text, "narrow with kind, name or type"), new JsonObject { ["total"] = all.Count, ["items"] = new JsonArray([.. shown.Select(e => e.ToJson(now))]) });
    }

    private static bool IsNamed(EventSummary e, string? name)
    {
        if (name is null) return true;
        var theirs = e.Object[(e.Object.IndexOf('/') + 1)..];
        return name.EndsWith('*') ? theirs.StartsWith(name[..^1], StringComparison.Ordinal) : theirs == name;
    }
}
