using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Identity;

/// <summary>Cases as JSON lines: a text, or an object with the text and what its check depends on.</summary>
/// <remarks>
/// Members: <c>input</c> (the kind is taken from the text, or from <c>kind</c>), or one of <c>spiffeId</c>, <c>pem</c>, <c>jwt</c> and
/// <c>address</c>; <c>bundle</c> (a document, PEM or a file; alone it is what is checked), <c>audience</c>, <c>trustDomain</c>, <c>time</c>,
/// <c>name</c> and <c>expect</c> (accept, reject or the reason). What a line leaves out comes from the command line.
/// </remarks>
internal sealed class CaseFile(TrustMaterial trust, string? audience, TrustDomain? trustDomain, DateTimeOffset time)
{
    private static readonly (string Member, SubjectKind Kind)[] Subjects =
    [
        ("spiffeId", SubjectKind.SpiffeId), ("spiffe-id", SubjectKind.SpiffeId),
        ("pem", SubjectKind.X509), ("x509", SubjectKind.X509),
        ("jwt", SubjectKind.Jwt), ("token", SubjectKind.Jwt),
        ("address", SubjectKind.Address),
    ];

    /// <summary>One line.</summary>
    /// <param name="Case">What to check.</param>
    /// <param name="Name">What the line calls it.</param>
    /// <param name="Expect">What the line expects.</param>
    internal sealed record Entry(IdentityCase Case, string? Name, string? Expect);

    /// <summary>Reads a line.</summary>
    /// <exception cref="CommandFailure">The line is no case; the message names its number.</exception>
    /// <exception cref="TrustBundleException">What is to be believed is no bundle.</exception>
    public Entry Read(string line, int number)
    {
        try
        {
            return JsonNode.Parse(line) switch
            {
                JsonValue value when value.TryGetValue<string>(out var text) => new(new(text, IdentityCase.KindOf(text), trust, time) { Audience = audience, TrustDomain = trustDomain }, null, null),
                JsonObject given => Read(given),
                _ => throw new FormatException("it is neither a text nor an object"),
            };
        }
        catch (Exception e) when (e is JsonException or FormatException and not TrustBundleException or InvalidOperationException or ArgumentException)
        {
            throw new CommandFailure($"line {number} is no case: {e.Message}", "write one JSON text or object per line, for example {\"input\": \"spiffe://example.org/web\", \"expect\": \"accept\"}", ExitCode.Usage, e);
        }
    }

    private Entry Read(JsonObject given)
    {
        var (subject, kind, member) = Subject(given);
        var owner = Text(given, "trustDomain") is { } name ? TrustDomain.Parse(name) : trustDomain;
        var believed = trust;
        if (member != "bundle" && given["bundle"] is { } bundle)
        {
            believed = new();
            Add(believed, bundle, owner);
        }

        var moment = Text(given, "time") is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : time;
        return new(new(subject, kind, believed, moment) { Audience = Text(given, "audience") ?? audience, TrustDomain = owner }, Text(given, "name") ?? Text(given, "id"), Text(given, "expect"));
    }

    private static (string Subject, SubjectKind Kind, string Member) Subject(JsonObject given)
    {
        if (given.ContainsKey("input"))
        {
            var subject = AsText(given["input"]);
            return (subject, Text(given, "kind") is { } named ? CheckCommand.ParseKind(named) : IdentityCase.KindOf(subject), "input");
        }

        foreach (var (member, kind) in Subjects)
        {
            if (given.ContainsKey(member))
            {
                return (AsText(given[member]), kind, member);
            }
        }

        return given.ContainsKey("bundle")
            ? (AsText(given["bundle"]), SubjectKind.Bundle, "bundle")
            : throw new FormatException("it has no member 'input', 'spiffeId', 'pem', 'jwt', 'bundle' or 'address'");
    }

    private static void Add(TrustMaterial believed, JsonNode bundle, TrustDomain? owner)
    {
        var text = AsText(bundle);
        if (text.TrimStart() is ['{', ..] or ['-', '-', ..])
        {
            believed.Add(text, owner);
        }
        else
        {
            believed.AddFile(text, owner);
        }
    }

    private static string AsText(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : node?.ToJsonString() ?? "null";

    private static string? Text(JsonObject given, string member) => given[member] is { } node ? AsText(node) : null;
}
