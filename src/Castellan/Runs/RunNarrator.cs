using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;
using Spectre.Console;

namespace Castellan.Cli.Runs;

/// <summary>Tells a run as it happens: each call with the decision of policy and the time it took, then the answer.</summary>
internal sealed class RunNarrator(IAnsiConsole console)
{
    private readonly Dictionary<string, RunEvent> _decided = [];

    /// <summary>Prints one event. Model turns are silent unless the model spoke.</summary>
    public void Tell(RunEvent happened)
    {
        switch (happened.Type)
        {
            case RunEventType.CallDecided when happened.Kind == CallKind.Tool:
                _decided[happened.CallId!] = happened;
                if (happened.Decision == DecisionEffect.Deny)
                {
                    console.MarkupLine($"  [red]✗[/] {Call(happened)}  [red]denied[/] [grey]by {Rule(happened)}[/]");
                }
                break;
            case RunEventType.ApprovalRequested:
                TellWait(Known(happened), happened.Needs ?? []);
                break;
            case RunEventType.CallApproved:
                console.MarkupLine($"  [green]✓[/] {By(happened, "approved")}");
                break;
            case RunEventType.CallRefused:
                console.MarkupLine($"  [red]✗[/] {By(happened, "refused")}");
                break;
            case RunEventType.CallCompleted when happened.Kind == CallKind.Tool && happened.State != nameof(CallState.Denied):
                console.MarkupLine(Completed(Known(happened), happened));
                break;
            case RunEventType.ModelCompleted when happened.Error is { } error:
                console.MarkupLine($"  [red]✗[/] model: {ResultWriter.Safe(error)}");
                break;
            case RunEventType.RunCompleted:
                console.WriteLine();
                console.WriteLine(ResultWriter.Printable(happened.Text ?? happened.Error ?? "(no answer)"));
                break;
        }
    }

    private void TellWait(RunEvent decided, IReadOnlyList<string> needs)
    {
        var (isConfirmed, isApproved) = (needs.Contains("Confirmation"), needs.Contains("Approval"));
        var what = (isConfirmed, isApproved) switch { (true, true) => "your confirmation and approval", (true, false) => "your confirmation", _ => "approval" };
        console.MarkupLine($"  [yellow]⏸[/] {Call(decided)}  [yellow]waits for {what}[/] [grey]({Rule(decided)})[/]");
        if (isConfirmed) console.MarkupLine($"    say that you want it:       [bold]castellan confirm {ResultWriter.Safe(decided.CallId!)}[/]");
        if (isApproved) console.MarkupLine($"    approve it as someone else: [bold]castellan approve {ResultWriter.Safe(decided.CallId!)} --as approver[/]");
    }

    private RunEvent Known(RunEvent later) => later.CallId is { } id && _decided.TryGetValue(id, out var decided) ? decided : later;

    private static string Completed(RunEvent decided, RunEvent done)
    {
        var took = done.DurationMs is { } ms ? $"  [grey]{ms:0} ms[/]" : "";
        var again = done.Attempt > 1 ? $"  [yellow]attempt {done.Attempt}[/]" : "";
        var summary = done.Summary is { Length: > 0 } text ? $"\n      [grey]{ResultWriter.Safe(text)}[/]" : "";
        var found = done.Findings is { Count: > 0 } findings ? $"\n      [yellow]⚑[/] in the result: {ResultWriter.Safe(string.Join(", ", findings))}" : "";
        return done.State == nameof(CallState.Completed)
            ? $"  [green]✓[/] {Call(decided)}  [grey]{Verdict(decided)} by {Rule(decided)}[/]{took}{again}{found}{summary}"
            : $"  [red]✗[/] {Call(decided)}  [red]{ResultWriter.Safe(done.State ?? "?")}[/]{took}{again} {ResultWriter.Safe(done.Error ?? "")}{found}";
    }

    private static string Verdict(RunEvent decided) => decided.Decision switch
    {
        DecisionEffect.RequireApproval => "approved,",
        DecisionEffect.RequireConfirmation => "confirmed,",
        _ => "allowed",
    };

    private static string Call(RunEvent e) => $"[bold]{ResultWriter.Safe($"{e.Server}.{e.Tool}")}[/]{ResultWriter.Safe(Arguments(e.Arguments))}";

    private static string Rule(RunEvent e) => ResultWriter.Safe(e.Rule is null ? "no rule" : $"{e.Policy}/{e.Rule}");

    private static string By(RunEvent e, string otherwise) => ResultWriter.Safe(e.Summary is { Length: > 0 } how ? how : otherwise);

    private static string Arguments(JsonObject? arguments) =>
        arguments is null ? "" : $"({string.Join(", ", arguments.Select(a => $"{a.Key}={Value(a.Value)}"))})";

    private static string Value(JsonNode? value)
    {
        var text = value is JsonValue v && v.TryGetValue<string>(out var s) ? s : value?.ToJsonString() ?? "null";
        return text.Length <= 60 ? text : $"{text[..57]}...";
    }
}
