using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Identity;

/// <summary><c>castellan identity check</c>: accept, or reject with the one reason. Needs no running system.</summary>
internal static class CheckCommand
{
    private static readonly Argument<string?> Subject = new("what")
    {
        Description = "A SPIFFE ID, PEM certificates (leaf first, its key may follow), a JWT-SVID, a bundle (JWK Set or map) or a Workload API address: the text itself, a file, or - for standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string[]> Bundle = new("--bundle") { Description = "What is believed: a JWK Set, a bundle map or PEM certificates. Repeat it for several trust domains.", HelpName = "[TRUST-DOMAIN=]FILE" };

    private static readonly Option<string?> Audience = new("--audience") { Description = "Whom a JWT-SVID must be for.", HelpName = "NAME" };

    private static readonly Option<string?> Domain = new("--trust-domain") { Description = "Whose bundles those are that do not say so.", HelpName = "NAME" };

    private static readonly Option<string?> At = new("--at") { Description = "The moment at which it must be valid. Default: now.", HelpName = "TIME" };

    private static readonly Option<string?> Kind = new("--kind") { Description = "spiffe-id, x509, jwt, bundle or address. Default: as the text looks.", HelpName = "KIND" };

    private static readonly Option<string?> Cases = new("--cases") { Description = "Check every line of a file of JSON lines (- for standard input) and answer each with one.", HelpName = "FILE" };

    public static Command Create()
    {
        var command = ExampleHelp.With(
            new Command("check", "Hold an identity to the SPIFFE standards: accept, or reject with the one reason.") { Subject, Bundle, Audience, Domain, At, Kind, Cases, GlobalOptions.Output },
            "castellan identity check spiffe://example.org/web", "castellan identity check chain.pem --bundle example.org=bundle.json",
            "castellan identity check TOKEN --bundle bundle.json --audience reports", "castellan identity check --cases cases.jsonl");
        command.SetBody((parsed, ct) => RunAsync(parsed, TimeProvider.System, ct));
        return command;
    }

    /// <summary>Reads the name of a kind.</summary>
    /// <exception cref="FormatException">There is no such kind.</exception>
    public static SubjectKind ParseKind(string name) => name.ToLowerInvariant() switch
    {
        "spiffe-id" or "spiffeid" or "id" => SubjectKind.SpiffeId,
        "x509" or "x509-svid" or "pem" => SubjectKind.X509,
        "jwt" or "jwt-svid" or "token" => SubjectKind.Jwt,
        "bundle" => SubjectKind.Bundle,
        "address" => SubjectKind.Address,
        _ => throw new FormatException($"kind '{name}' is not known; write spiffe-id, x509, jwt, bundle or address"),
    };

    private static async Task<int> RunAsync(ParseResult parsed, TimeProvider clock, CancellationToken ct)
    {
        var domain = parsed.GetValue(Domain) is { } name ? Usage(() => TrustDomain.Parse(name)) : null;
        var time = parsed.GetValue(At) is { } text ? Usage(() => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)) : clock.GetUtcNow();
        var trust = new TrustMaterial();
        foreach (var file in parsed.GetValue(Bundle) ?? [])
        {
            trust.AddFile(file, domain);
        }

        if (parsed.GetValue(Cases) is { } cases)
        {
            return await RunCasesAsync(cases, new CaseFile(trust, parsed.GetValue(Audience), domain, time), ct);
        }

        var subject = await ReadSubjectAsync(parsed.GetValue(Subject), ct);
        var kind = parsed.GetValue(Kind) is { } named ? Usage(() => ParseKind(named)) : IdentityCase.KindOf(subject);
        var verdict = IdentityJudge.Judge(new(subject, kind, trust, time) { Audience = parsed.GetValue(Audience), TrustDomain = domain });
        if (!ResultWriter.TryWriteDocument(Console.Out, parsed.GetValue(GlobalOptions.Output), () => Document(verdict)))
        {
            Console.WriteLine(verdict.Accepted ? $"accept: {ResultWriter.Printable(verdict.Message)}" : $"reject: {verdict.Reason}: {ResultWriter.Printable(verdict.Message)}");
        }

        return verdict.Accepted ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task<int> RunCasesAsync(string file, CaseFile cases, CancellationToken ct)
    {
        if (file != "-" && !File.Exists(file))
        {
            throw new CommandFailure($"'{file}' does not exist", "give a file of JSON lines, or - for standard input", ExitCode.Usage);
        }

        using var reader = file == "-" ? Console.In : new StreamReader(file);
        var (number, good) = (0, true);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            good &= Answer(cases, line, number);
        }

        return good ? ExitCode.Success : ExitCode.Failure;
    }

    private static bool Answer(CaseFile cases, string line, int number)
    {
        var (name, expect, verdict) = Judge(cases, line, number);
        var document = Document(verdict);
        document.Insert(0, "case", name ?? number.ToString(CultureInfo.InvariantCulture));
        var asExpected = expect is null ? verdict.Accepted : expect == (verdict.Accepted ? "accept" : "reject") || expect == verdict.Reason;
        if (expect is not null)
        {
            document["asExpected"] = asExpected;
        }

        Console.WriteLine(document.ToJsonString());
        return asExpected;
    }

    private static (string? Name, string? Expect, Verdict Verdict) Judge(CaseFile cases, string line, int number)
    {
        try
        {
            var entry = cases.Read(line, number);
            return (entry.Name, entry.Expect, IdentityJudge.Judge(entry.Case));
        }
        catch (TrustBundleException e)
        {
            return (null, null, new(SubjectKind.Bundle, false, e.Fault.ToString(), e.Message)); // nothing can be believed by it
        }
    }

    private static JsonObject Document(Verdict verdict)
    {
        var document = new JsonObject { ["verdict"] = verdict.Accepted ? "accept" : "reject", ["kind"] = verdict.Kind.ToString() };
        foreach (var (member, value) in new[] { ("id", verdict.Id), ("expires", verdict.Expires?.ToString("O", CultureInfo.InvariantCulture)), ("reason", verdict.Reason), ("message", verdict.Message) })
        {
            if (value is not null)
            {
                document[member] = value;
            }
        }

        return document;
    }

    /// <summary>A file ends with a line break that does not belong to what it holds; a text on the command line is taken as it is.</summary>
    private static async Task<string> ReadSubjectAsync(string? given, CancellationToken ct) => given switch
    {
        null => throw new CommandFailure("there is nothing to check", "give a SPIFFE ID, PEM, token or bundle (text or file), or --cases FILE", ExitCode.Usage),
        "-" => WithoutLineBreak(await Console.In.ReadToEndAsync(ct)),
        _ when given.Length < 4096 && File.Exists(given) => WithoutLineBreak(await File.ReadAllTextAsync(given, ct)),
        _ => given,
    };

    private static string WithoutLineBreak(string text) => text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;

    private static T Usage<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (FormatException e)
        {
            throw new CommandFailure(e.Message, "see 'castellan identity check --help'", ExitCode.Usage, e);
        }
    }
}
