using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Models.Runbooks;
using Microsoft.Extensions.AI;

namespace Castellan.Models.Tests.Runbooks;

public sealed class RunbookChatClientTests
{
    [Fact]
    public async Task Answer_WhenPlayedToItsEnd_WalksTheStepsAndQuotesTheEvidence()
    {
        using var client = Triage.Client();
        List<ChatMessage> conversation = [new(ChatRole.System, "You are an SRE."), new(ChatRole.User, "Why does checkout fail?")];

        var first = await client.GetResponseAsync(conversation);
        conversation.AddRange([.. first.Messages, Triage.Result("diagnose.pods", "2 pods", Triage.Sick)]);
        var second = await client.GetResponseAsync(conversation);
        conversation.AddRange([.. second.Messages, Triage.Result("diagnose.logs", "FATAL", """{"lines":["FATAL: no url"]}""")]);
        var last = await client.GetResponseAsync(conversation);

        var list = Triage.Call(first);
        Assert.Equal(("diagnose.pods", "cluster__list"), (list.CallId, list.Name));
        Assert.Equal("""{"kind":"pods","limit":20}""", JsonSerializer.Serialize(list.Arguments));
        Assert.Equal(ChatFinishReason.ToolCalls, first.FinishReason);
        Assert.Equal("""{"name":"b","previous":true}""", JsonSerializer.Serialize(Triage.Call(second).Arguments));
        Assert.Equal("Pod b fails (2 pods): `FATAL: no url`", last.Text);
        Assert.Equal(ChatFinishReason.Stop, last.FinishReason);
        Assert.Equal(0, last.Usage!.TotalTokenCount);
    }

    [Fact]
    public async Task Answer_WhenAskedAgain_IsTheSame()
    {
        using var client = Triage.Client();
        List<ChatMessage> conversation = [new(ChatRole.User, "why?"), new(ChatRole.Assistant, [new FunctionCallContent("diagnose.pods", "cluster__list")]), Triage.Result("diagnose.pods", "", Triage.Sick)];

        var once = await client.GetResponseAsync(conversation);
        var again = await client.GetResponseAsync(conversation);

        Assert.Equal(JsonSerializer.Serialize(once, AIJsonUtilities.DefaultOptions), JsonSerializer.Serialize(again, AIJsonUtilities.DefaultOptions));
    }

    [Fact]
    public async Task Answer_WhenConditionDoesNotHold_LeavesTheStepOut()
    {
        using var client = Triage.Client();

        var answer = await client.GetResponseAsync([new(ChatRole.User, "why?"), Triage.Result("diagnose.pods", "", """{"items":[]}""")]);

        Assert.Equal("All is well.", answer.Text);
    }

    [Fact]
    public async Task Answer_WhenEarlierTurnUsedTheSameCallIds_StartsAfresh()
    {
        using var client = Triage.Client();

        var answer = await client.GetResponseAsync([new(ChatRole.User, "why?"), Triage.Result("diagnose.pods", "", Triage.Sick), new(ChatRole.Assistant, "It fails."), new(ChatRole.User, "why again?")]);

        Assert.Equal("diagnose.pods", Triage.Call(answer).CallId);
    }

    [Fact]
    public async Task Answer_WhenNoProcedureApplies_SaysOtherwise()
    {
        using var client = Triage.Client();

        var answer = await client.GetResponseAsync([new(ChatRole.User, "hello")]);

        Assert.Equal("I can diagnose and fix. You said: hello", answer.Text);
    }

    [Fact]
    public async Task Answer_WhenCallWasRefused_FindingSeesIt()
    {
        using var client = Triage.Client();

        var answer = await client.GetResponseAsync([new(ChatRole.User, "fix it"), Triage.Result("fix.change", "refused by approver", isError: true)]);

        Assert.Equal("Not done: refused by approver", answer.Text);
    }

    [Fact]
    public async Task Answer_WhenExpressionFails_NamesStepExpressionAndEarlierFailure()
    {
        using var client = Triage.Client();

        var answer = await client.GetResponseAsync([new(ChatRole.User, "why?"), Triage.Result("diagnose.pods", "pods is forbidden", isError: true)]);

        Assert.Contains("step 'logs' of procedure 'diagnose'", answer.Text);
        Assert.Contains("`steps.pods.data.items.exists(p, !p.healthy)` failed", answer.Text);
        Assert.Contains("step 'pods' failed: pods is forbidden", answer.Text);
    }

    [Fact]
    public async Task Answer_WhenToolIsNotOffered_SaysSo()
    {
        using var client = Triage.Client();
        var options = new ChatOptions { Tools = [AIFunctionFactory.CreateDeclaration("cluster__get", null, JsonElement.Parse("{}"))] };

        var answer = await client.GetResponseAsync([new(ChatRole.User, "why?")], options);

        Assert.Contains("no tool 'cluster__list' (it has cluster__get); add it to spec.tools", answer.Text);
    }

    [Fact]
    public void Compile_WhenRunbookHasFaults_NamesEachWithItsPath()
    {
        var runbook = Triage.Runbook();
        runbook.Procedures[1].Steps[0].When = "steps.logs.ok";
        runbook.Procedures[1].Steps[1].Arguments!["tail"] = "{{ 1 + }}";
        runbook.Procedures[1].Findings[0].When = "input";
        runbook.Procedures[1].Findings[1].Text = "open {{ input";
        runbook.Procedures.Add(new RunbookProcedure { Name = "fix", Steps = [], Findings = [] });

        var program = RunbookProgram.Compile(runbook, out var faults);

        Assert.Null(program);
        Assert.Contains(faults, f => f.Path == "procedures[1].steps[0].when" && f.Message.Contains("step 'logs'"));
        Assert.Contains(faults, f => f.Path == "procedures[1].steps[1].arguments.tail");
        Assert.Contains(faults, f => f.Path == "procedures[1].findings[0].when" && f.Message.Contains("`input`"));
        Assert.Contains(faults, f => f.Path == "procedures[1].findings[1].text" && f.Message.Contains("does not end"));
        Assert.Contains(faults, f => f.Path == "procedures[2].findings");
        Assert.Contains(faults, f => f.Message.Contains("'fix' stands 2 times"));
    }

    [Theory]
    [InlineData("a {{ '}}' }} b", "a }} b")]
    [InlineData("{{ {'k': {'n': 1}}.k.n }}", "1")]
    [InlineData("{{ [1, 2] }}", "[1,2]")]
    [InlineData("{{ {'a': true} }}!", "{\"a\":true}!")]
    [InlineData("{{ \"\"\"q\"}}\"\"\" }}", "q\"}}")]
    [InlineData("no expression }}", "no expression }}")]
    [InlineData("{{ r'\\d' }}", "\\d")]
    [InlineData("{{ null }}-{{ 1.5 }}", "-1.5")]
    public async Task Template_WhenRendered_KeepsBracesOfCelApart(string template, string expected)
    {
        using var client = Triage.Client(new Runbook { Procedures = [new() { Name = "p", Steps = [], Findings = [new() { Text = template }] }] });

        Assert.Equal(expected, (await client.GetResponseAsync([new(ChatRole.User, "x")])).Text);
    }

    [Fact]
    public async Task Answer_WhenHistoryExists_ExpressionsSeeIt()
    {
        var runbook = new Runbook { Procedures = [new() { Name = "p", Steps = [], Findings = [new() { Text = "{{ history[1].role }} said {{ history[1].text }}" }] }] };
        using var client = Triage.Client(runbook);

        var answer = await client.GetResponseAsync([new(ChatRole.User, "a"), new(ChatRole.Assistant, "b"), new(ChatRole.User, "c")]);

        Assert.Equal("assistant said b", answer.Text);
    }
}
