using Castellan.Cli.Budgets;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Tests.Budgets;

public sealed class BudgetsCommandTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 30, 0, TimeSpan.Zero);

    [Fact]
    public void Budgets_WhenListed_HaveALineForEachLimitOfEachPurse()
    {
        using var output = new StringWriter();
        BudgetsCommand.Write(output,
        [
            new BudgetPurse
            {
                Budget = "default/daily", Kind = "AgentBudget", Of = "user ann", ResetsAt = Now.AddHours(11.5),
                Used = new BudgetUse(41, 900, "0.41"), Reserved = new BudgetUse(2, 100, "0.10"), Limits = new BudgetUse(500, null, "5.00"),
            },
            new BudgetPurse { Budget = "each", Kind = "ClusterAgentBudget", Of = "session s1", Used = new BudgetUse(1, 0, "0.00"), Reserved = new BudgetUse(0, 0, "0.00"), Limits = new BudgetUse(2, null, null) },
        ],
        OutputFormat.Table, Now);

        Assert.Equal(
            """
            BUDGET          PURSE OF     LIMIT ON   USED   HELD BACK   LIMIT   FULL AGAIN IN
            default/daily   user ann     calls      41     2           500     11h30m
            default/daily   user ann     cost       0.41   0.10        5.00    11h30m
            each            session s1   calls      1      0           2       never

            """.ReplaceLineEndings(), output.ToString());
    }
}
