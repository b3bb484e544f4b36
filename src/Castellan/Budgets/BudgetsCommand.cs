using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Budgets;

/// <summary><c>castellan budgets</c>: how the purses of budgets stand.</summary>
internal static class BudgetsCommand
{
    public static Command Create()
    {
        var command = ExampleHelp.With(new Command("budgets", "See what agents, people, namespaces and sessions have used of their budgets.") { GlobalOptions.Output },
            "castellan budgets", "castellan budgets -o json", "castellan get agentbudgets        # the budgets themselves, with their fullest purse");
        command.SetBody(async (parsed, ct) =>
        {
            using var gateway = GatewayAccess.Open(parsed);
            Write(Console.Out, await gateway.Client.ListBudgetsAsync(ct), parsed.GetValue(GlobalOptions.Output), TimeProvider.System.GetUtcNow());
            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>A line for each limit of each purse.</summary>
    internal static void Write(TextWriter output, IReadOnlyList<BudgetPurse> purses, OutputFormat format, DateTimeOffset now)
    {
        if (ResultWriter.TryWriteDocument(output, format, () => JsonSerializer.SerializeToNode(purses, GatewayJson.Options)))
        {
            return;
        }

        if (purses.Count == 0)
        {
            output.WriteLine("Nothing was paid from a budget in the present windows; 'castellan get agentbudgets' shows which there are.");
            return;
        }

        ResultWriter.WriteTable(output, ["BUDGET", "PURSE OF", "LIMIT ON", "USED", "HELD BACK", "LIMIT", "FULL AGAIN IN"], purses.SelectMany(p => Lines(p, now)));
    }

    private static IEnumerable<string[]> Lines(BudgetPurse purse, DateTimeOffset now)
    {
        (string On, string? Used, string? Reserved, string? Limit)[] counted =
        [
            ("calls", Text(purse.Used.Calls), Text(purse.Reserved.Calls), Text(purse.Limits.Calls)),
            ("tokens", Text(purse.Used.Tokens), Text(purse.Reserved.Tokens), Text(purse.Limits.Tokens)),
            ("cost", purse.Used.Cost, purse.Reserved.Cost, purse.Limits.Cost),
        ];
        return from one in counted
               where one.Limit is not null
               select (string[])[purse.Budget, purse.Of, one.On, one.Used ?? "0", one.Reserved ?? "0", one.Limit, purse.ResetsAt is { } end ? In(end - now) : "never"];
    }

    private static string In(TimeSpan left) => left switch
    {
        { TotalDays: >= 1 } => $"{(int)left.TotalDays}d{left.Hours}h",
        { TotalHours: >= 1 } => $"{(int)left.TotalHours}h{left.Minutes}m",
        { TotalMinutes: >= 1 } => $"{(int)left.TotalMinutes}m{left.Seconds}s",
        _ => $"{Math.Max(0, (int)left.TotalSeconds)}s",
    };

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
