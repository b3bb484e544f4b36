using System.CommandLine;
using System.Globalization;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Workflows;

/// <summary>Options that the workflow commands share, and whom they speak to.</summary>
internal static class WorkflowOptions
{
    public static Option<string?> Endpoint { get; } = new("--endpoint")
    {
        Description = "Sidecar to ask instead of the local system, for example http://127.0.0.1:50001 (daprd, or 'castellan workflows serve').",
        HelpName = "URL",
    };

    public static Option<string?> TokenFile { get; } = new("--api-token-file") { Description = $"File with the sidecar's token; default: {SidecarToken.Variable}.", HelpName = "FILE" };

    public static Option<string?> Hub { get; } = new("--hub") { Description = "Only this hub of the local system: an agent (NAME or NAMESPACE/NAME), a SPIFFE ID, or gateway.", HelpName = "HUB" };

    public static Option<string[]> Status { get; } = new("--status") { Description = "Only this state; may be repeated: Running, Completed, Failed, Terminated, Suspended, Pending, Stalled.", HelpName = "STATE", DefaultValueFactory = _ => [] };

    public static Option<string?> From { get; } = new("--from") { Description = "Only those accepted since: a time, or how long ago (90m, 12h, 7d).", HelpName = "WHEN" };

    public static Option<string?> To { get; } = new("--to") { Description = "Only those accepted until: a time, or how long ago (90m, 12h, 7d).", HelpName = "WHEN" };

    /// <summary>Adds the options that say whom to ask.</summary>
    public static Command Asking(this Command command)
    {
        command.Add(Endpoint);
        command.Add(TokenFile);
        command.Add(Hub);
        return command;
    }

    /// <exception cref="CommandFailure">No local system runs, or the endpoint is none.</exception>
    public static IWorkflowAccess Open(ParseResult parsed)
    {
        if (parsed.GetValue(Endpoint) is not { } endpoint)
        {
            return new GatewayWorkflows(parsed, parsed.GetValue(Hub));
        }
        if (parsed.GetValue(Hub) is { } hub)
        {
            throw new CommandFailure($"--hub {hub} does not go with --endpoint", "at a sidecar the token chooses the hub", ExitCode.Usage);
        }
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? new SidecarWorkflows(url, SidecarToken.OfClient(parsed.GetValue(TokenFile)))
            : throw new CommandFailure($"--endpoint '{endpoint}' is no http or https URL", "for example --endpoint http://127.0.0.1:50001", ExitCode.Usage);
    }

    /// <summary>A time, or how long ago.</summary>
    /// <exception cref="CommandFailure">It is neither.</exception>
    public static DateTimeOffset? When(ParseResult parsed, Option<string?> option, TimeProvider time)
    {
        if (parsed.GetValue(option) is not { Length: > 0 } text)
        {
            return null;
        }
        if (double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && Unit(text[^1]) is { } unit && amount <= 36500)
        {
            return time.GetUtcNow() - unit * amount;
        }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment
            : throw new CommandFailure($"{option.Name} '{text}' is neither a time nor how long ago", "for example 2026-11-21T14:00:00Z, 90m, 12h or 7d", ExitCode.Usage);
    }

    private static TimeSpan? Unit(char letter) => letter switch
    {
        's' => TimeSpan.FromSeconds(1),
        'm' => TimeSpan.FromMinutes(1),
        'h' => TimeSpan.FromHours(1),
        'd' => TimeSpan.FromDays(1),
        _ => null,
    };
}
