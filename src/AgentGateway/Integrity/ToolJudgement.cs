using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Integrity;

/// <summary>Compares what a server lists with what is pinned. Pure.</summary>
internal static class ToolJudgement
{
    private const string DefaultNamespace = "default";

    /// <param name="server">The server with its rules.</param>
    /// <param name="stored">What is pinned.</param>
    /// <param name="listed">What it lists now.</param>
    /// <returns>The listed tools and the pinned ones that are not listed, by name.</returns>
    internal static IReadOnlyList<ToolVerdict> Of(ToolServer server, StoredTools stored, IReadOnlyList<ListedTool> listed)
    {
        var names = listed.Select(tool => tool.Tool.Name).ToHashSet(StringComparer.Ordinal);
        var gone = stored.Pins.Values.Where(pin => !names.Contains(pin.Tool)).Select(pin => new ToolVerdict(pin.Tool, ToolState.Gone, $"the server no longer lists it; {Approve(server.Key, pin.Tool)} to forget its pin") { PinnedDigest = pin.Digest });
        return [.. listed.Select(tool => Of(server, stored, tool)).Concat(gone).OrderBy(verdict => verdict.Tool, StringComparer.Ordinal)];
    }

    /// <summary>Whether a definition is pinned as it comes.</summary>
    internal static ToolPinning PinningOf(ToolServerSpec spec) => spec.Integrity?.Pinning ?? (spec.BuiltIn is null ? ToolPinning.FirstSight : ToolPinning.Follow);

    private static ToolVerdict Of(ToolServer server, StoredTools stored, ListedTool tool)
    {
        var (name, digest) = (tool.Tool.Name, tool.Tool.Digest);
        var pinned = stored.Pins.GetValueOrDefault(name)?.Digest;
        if (tool.Fault is { } fault)
        {
            return Blocked(ToolState.Unreadable, $"{fault}; correct the server");
        }

        if (server.Spec.Integrity?.Digests is { Count: > 0 } named && named.TryGetValue(name, out var asked))
        {
            return asked == digest
                ? Passed(pinned == digest ? null : ToolPin.BySpec)
                : Blocked(pinned is null ? ToolState.New : ToolState.Changed, $"its digest is {digest}, and spec.integrity.digests of the ToolServer says {asked}; look at '{Command(server.Key, "diff", name)}' and change the spec, or the server");
        }

        if (pinned == digest)
        {
            return Passed(null);
        }

        var remedy = $"look at '{Command(server.Key, "diff", name)}' and {Approve(server.Key, name)}, or bring the old definition back";
        return (tool.Concealment, pinned, PinningOf(server.Spec)) switch
        {
            ({ } hidden, _, _) => Blocked(ToolState.Concealed, $"{hidden}; {remedy}"),
            (_, _, ToolPinning.Follow) => Passed(ToolPin.ByFollow),
            (_, { } before, _) => Blocked(ToolState.Changed, $"its definition changed from {Short(before)} to {Short(digest)}; {remedy}"),
            _ when TakesNew(server.Spec.Integrity, stored) => Passed(ToolPin.ByFirstSight),
            _ => Blocked(ToolState.New, $"the server did not have it before, and nobody approved it; {remedy.Replace("bring the old definition back", "remove it from the server", StringComparison.Ordinal)}"),
        };

        ToolVerdict Passed(string? by) => new(name, ToolState.Pinned, "") { Listed = tool, PinnedDigest = digest, PinBy = by };

        ToolVerdict Blocked(ToolState state, string reason) => new(name, state, reason) { Listed = tool, PinnedDigest = pinned };
    }

    private static bool TakesNew(ToolIntegrity? rules, StoredTools stored) =>
        rules?.NewTools == NewToolRule.Allow || (!stored.IsKnown && rules?.Digests is not { Count: > 0 });

    private static string Approve(NamespacedName server, string tool) => $"approve with '{Command(server, "approve", tool)}'";

    // The name is the server's own word: it must not steer whoever reads the message.
    private static string Command(NamespacedName server, string verb, string tool) =>
        $"castellan tools {verb} {server.Name} {InvisibleText.Show(tool).ReplaceLineEndings(" ")}{(server.Namespace == DefaultNamespace ? "" : $" -n {server.Namespace}")}";

    private static string Short(string digest) => digest.Length > 19 ? digest[..19] : digest;
}
