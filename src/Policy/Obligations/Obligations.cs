using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Policy;

/// <summary>What happens to a tool call that passes: the obligations of all rules that matched, together.</summary>
public sealed partial record Obligations
{
    /// <summary>Paths that are taken out of the arguments.</summary>
    public IReadOnlyList<string> RedactArguments { get; init; } = [];

    /// <summary>Paths that are taken out of the result.</summary>
    public IReadOnlyList<string> RedactResult { get; init; } = [];

    /// <summary>Most bytes of the result; absent means any number.</summary>
    public int? MaxResultBytes { get; init; }

    /// <summary>What the result is looked through for; absent for nothing.</summary>
    public ResultChecks? InspectResult { get; init; }

    /// <summary>Headers that the request carries; of two for one name, that of the first policy.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The arguments as they may go on; the same object if nothing is taken out.</summary>
    public JsonObject Redacted(JsonObject arguments)
    {
        if (RedactArguments.Count == 0) return arguments;
        var redacted = arguments.DeepClone().AsObject();
        return RedactArguments.Sum(path => JsonPath.Parse(path).Redact(redacted)) > 0 ? redacted : arguments;
    }

    /// <summary>What stands in the audit log, one line for each.</summary>
    public IReadOnlyList<string> Lines =>
    [
        .. RedactArguments.Select(path => $"redact {path} of the arguments"),
        .. RedactResult.Select(path => $"redact {path} of the result"),
        .. InspectResult?.Lines ?? [],
        .. MaxResultBytes is { } most ? [$"cut the result at {most} bytes"] : Array.Empty<string>(),
        .. Headers.Keys.Select(name => $"send the header {name}"),
    ];

    /// <summary>Adds up what rules oblige to; absent when none does.</summary>
    internal static Obligations? Of(IEnumerable<RuleObligations?> declared)
    {
        var all = declared.OfType<RuleObligations>().ToList();
        return all.Count == 0 ? null : new Obligations
        {
            RedactArguments = [.. all.SelectMany(o => o.RedactArguments ?? []).Distinct()],
            RedactResult = [.. all.SelectMany(o => o.RedactResult ?? []).Distinct()],
            InspectResult = ResultChecks.Of([.. all.Select(o => o.InspectResult).OfType<ResultInspection>()]),
            MaxResultBytes = all.Min(o => o.MaxResultBytes),
            Headers = all.SelectMany(o => o.Headers ?? new Dictionary<string, string>()).DistinctBy(h => h.Key, StringComparer.OrdinalIgnoreCase).ToDictionary(h => h.Key, h => h.Value),
        };
    }

    /// <summary>What is wrong with the obligations of a rule: the problem and the remedy of each fault.</summary>
    internal static IEnumerable<(string Problem, string Remedy)> FaultsOf(RuleObligations declared)
    {
        foreach (var path in (declared.RedactArguments ?? []).Concat(declared.RedactResult ?? []))
        {
            if (FaultOf(path) is { } fault) yield return fault;
        }
        if (declared.InspectResult is { Secrets: null, Pii: null, Injections: null })
        {
            yield return ("inspectResult says nothing to look for", "name secrets, pii or injections, each with Flag, Redact or Deny");
        }
        foreach (var (name, value) in declared.Headers ?? new Dictionary<string, string>())
        {
            if (!HeaderName().IsMatch(name)) yield return ($"'{name}' is not the name of a header", "use letters, digits and hyphens");
            else if (Reserved().IsMatch(name)) yield return ($"header '{name}' belongs to the protocol or proves who calls", "choose another name, for example X-Ticket");
            if (value.Any(c => c is < ' ' or > '~')) yield return ($"the value of header '{name}' holds more than printable ASCII", "leave it out");
        }
    }

    private static (string, string)? FaultOf(string path)
    {
        try
        {
            JsonPath.Parse(path);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message.Split("; ", 2) is [var problem, var remedy] ? (problem, remedy) : (e.Message, "correct the path");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]{0,63}$", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderName();

    [GeneratedRegex("^(authorization|cookie|connection|content-.*|accept.*|expect|forwarded|host|keep-alive|last-event-id|mcp-.*|proxy-.*|te|trailer|traceparent|tracestate|transfer-encoding|upgrade|via|x-forwarded-.*)$",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Reserved();
}
