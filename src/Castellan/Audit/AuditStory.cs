using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary>Tells the records of a call in the order in which things happened: what it was, then who did what, when and why.</summary>
internal static class AuditStory
{
    public static void Write(TextWriter output, IReadOnlyList<AuditEntry> entries)
    {
        foreach (var (name, value) in Facts(entries[0]).Where(f => f.Value.Length > 0))
        {
            output.WriteLine($"{name,-12}{ResultWriter.Printable(value.ReplaceLineEndings(" "))}");
        }
        output.WriteLine();
        ResultWriter.WriteTable(output, ["SEQ", "TIME", "STAGE", "BY", "WHAT", "HASH"], entries.Select(e => (string[])
        [
            e.Sequence.ToString(CultureInfo.InvariantCulture), e.Time.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture), e.Stage, ActorOf(e), Tell(e), e.Hash[..12],
        ]));
    }

    private static IEnumerable<(string Name, string Value)> Facts(AuditEntry first)
    {
        yield return ("Call", first.CallId ?? "");
        yield return (first.Kind == "tool" ? "Tool" : first.Kind == "model" ? "Model" : "Of", $"{(first.Server is null ? "" : $"{first.Server}.")}{first.Target}{(first.Effect is null ? "" : $" ({first.Effect})")}");
        yield return ("Arguments", first.Record["what"]?["argumentsPreview"]?.ToJsonString() ?? "");
        yield return ("", Text(first, "what", "argumentsDigest"));
        yield return ("Asked by", $"{first.Principal}{(first.OnBehalfOf is { } human && human != first.Principal ? $" for {human}" : "")}");
        yield return ("Run", $"{first.RunId}{(Text(first, "where", "step") is { Length: > 0 } step ? $", step {step}" : "")}");
        yield return ("Policy", Text(first, "why", "policy") is { Length: > 0 } policy ? $"{policy}, rule {first.Rule}, revision {Text(first, "why", "policyRevision")}" : "");
    }

    private static string ActorOf(AuditEntry entry) => Text(entry, "why", "approver") is { Length: > 0 } approver ? approver : "gateway";

    private static string Tell(AuditEntry entry) => entry.Stage switch
    {
        "decided" => Join(entry.Decision, Text(entry, "why", "reason")),
        "approved" => Join("signed statement", Text(entry, "why", "statementDigest")),
        "refused" or "rejected" => Join(Text(entry, "why", "reason"), Text(entry, "why", "statementDigest")),
        "intent" => $"attempt {entry.Attempt}: it may take effect from here on",
        "completed" => Join(entry.State, Join(Duration(entry), Join(Text(entry, "outcome", "error"), Text(entry, "what", "resultDigest")))),
        _ => Join(entry.State, Text(entry, "why", "reason")),
    };

    private static string Duration(AuditEntry entry) =>
        entry.Record["outcome"]?["durationMs"] is { } took ? string.Create(CultureInfo.InvariantCulture, $"in {(double)took:0.#} ms") : "";

    private static string Join(string? first, string second) => string.IsNullOrEmpty(first) ? second : second.Length == 0 ? first : $"{first}, {second}";

    private static string Text(AuditEntry entry, string part, string field) => entry.Record[part]?[field] switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        var other => other.ToJsonString(),
    };
}
