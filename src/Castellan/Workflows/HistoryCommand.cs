using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Workflows;

/// <summary><c>castellan workflows history ID</c>: what happened, line by line, with the time each answer took.</summary>
internal static class HistoryCommand
{
    private const int LongestDetail = 100;

    public static Command Create()
    {
        var id = new Argument<string>("id") { Description = "Id of the workflow." };
        var command = ExampleHelp.With(new Command("history", "The timeline of one workflow; -o wide shows turns and whole payloads.") { id, GlobalOptions.Output }.Asking(),
            "castellan workflows history ID", "castellan workflows history ID -o json");
        command.SetBody(async (parsed, ct) =>
        {
            using var workflows = WorkflowOptions.Open(parsed);
            var lines = await workflows.HistoryAsync(parsed.GetValue(id)!, ct);
            var format = parsed.GetValue(GlobalOptions.Output);
            if (!ResultWriter.TryWriteDocument(Console.Out, format, () => JsonSerializer.SerializeToNode(lines, GatewayJson.Options)))
            {
                Write(Console.Out, lines, format == OutputFormat.Wide);
            }
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Writes the timeline.</summary>
    public static void Write(TextWriter output, IReadOnlyList<WorkflowHistoryLine> lines, bool wide)
    {
        var start = lines.Count > 0 ? lines[0].Time : default;
        ResultWriter.WriteTable(output, ["TIME", "STEP", "WHAT", "NAME", "TOOK", "DETAIL"],
            lines.Where(l => wide || l.Kind is not "WorkflowStarted").Select(l => (string[])
            [
                wide ? l.Time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : $"+{Span(l.Time - start)}",
                l.Step?.ToString(CultureInfo.InvariantCulture) ?? "",
                What(l),
                l.Name,
                l.TookMs is { } took ? Span(TimeSpan.FromMilliseconds(took)) : "",
                Detail(l, wide),
            ]));
    }

    /// <summary>A span as people read it: 12 ms, 3.4 s, 2 m 5 s, 3 h 12 m, 4 d 3 h.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, span.TotalMilliseconds):0} ms"),
        { TotalMinutes: < 1 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => $"{(int)span.TotalMinutes} m {span.Seconds} s",
        { TotalDays: < 1 } => $"{(int)span.TotalHours} h {span.Minutes} m",
        _ => $"{(int)span.TotalDays} d {span.Hours} h",
    };

    private static string What(WorkflowHistoryLine line) => line.Kind switch
    {
        "ExecutionStarted" => "started",
        "ExecutionCompleted" => "ended",
        "ExecutionTerminated" => "terminated",
        "ExecutionSuspended" => "suspended",
        "ExecutionResumed" => "resumed",
        "ExecutionStalled" => "stalled",
        "TaskScheduled" => "activity",
        "TaskCompleted" => "  done",
        "TaskFailed" => "  failed",
        "ChildWorkflowInstanceCreated" => "child",
        "ChildWorkflowInstanceCompleted" => "  done",
        "ChildWorkflowInstanceFailed" => "  failed",
        "TimerCreated" => "timer",
        "TimerFired" => "  fired",
        "EventRaised" => "event came",
        "EventSent" => "event sent",
        "WorkflowStarted" => "turn",
        "ContinueAsNew" => "continued as new",
        _ => line.Kind,
    };

    private static string Detail(WorkflowHistoryLine line, bool wide)
    {
        var text = line.Failure ?? Compact(line.Payload);
        return wide || text.Length <= LongestDetail ? text : $"{text[..(LongestDetail - 1)]}…";
    }

    private static string Compact(JsonNode? payload) => payload?.ToJsonString(Relaxed) ?? "";

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
