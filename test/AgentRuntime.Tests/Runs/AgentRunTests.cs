using Castellan.GatewayApi;
using Microsoft.Extensions.AI;
using static Castellan.AgentRuntime.Tests.ScriptedGateway;

namespace Castellan.AgentRuntime.Tests.Runs;

public sealed class AgentRunTests(ScriptedGateway gateway) : IClassFixture<ScriptedGateway>
{
    [Fact]
    public async Task Run_WhenModelAsksForTools_CallsThemAndTellsTheModel()
    {
        var (output, calls) = await gateway.RunAsync((request, _) => request switch
        {
            { Sequence: 1 } => Asks(request, ("a", "cluster__list"), ("b", "cluster__scale")),
            { Kind: CallKind.Tool } => Returns(request, $"result of {request.Tool!.Name}", """{"items":[1]}"""),
            _ => Says(request, "It crashes."),
        });

        Assert.Equal(new RunOutput("It crashes.", null, 2), output);
        Assert.Equal([CallKind.Model, CallKind.Tool, CallKind.Tool, CallKind.Model], calls.Select(c => c.Kind));
        Assert.Equal([1L, 2L, 3L, 4L], calls.Select(c => c.Sequence));
        Assert.Equal("pods", (string?)calls[1].Tool!.Arguments!["kind"]);
        Assert.Equal(["system", "user", "assistant", "user"], calls[0].Model!.Messages.Select(m => m.Role.Value));
        Assert.Equal(["cluster__list", "cluster__scale"], calls[0].Model!.Tools!.Select(t => t.Name));
        Assert.Equal("result of cluster__list", ResultIn(calls[3], "a").GetProperty("text").GetString());
        Assert.Equal(1, ResultIn(calls[3], "b").GetProperty("data").GetProperty("items").GetArrayLength());
    }

    [Theory]
    [InlineData(CallState.Denied, "(rule 'no-writes')")]
    [InlineData(CallState.Refused, "An approver refused")]
    [InlineData(CallState.Expired, "Nobody approved")]
    [InlineData(CallState.OutcomeUnknown, "Do not repeat it")]
    [InlineData(CallState.Failed, "The call failed. because")]
    public async Task Run_WhenCallDoesNotComplete_TellsTheModelAndNeverRepeats(CallState state, string told)
    {
        var (output, calls) = await gateway.RunAsync((request, _) => request switch
        {
            { Sequence: 1 } => Asks(request, ("a", "cluster__scale")),
            { Kind: CallKind.Tool } => Ends(request, state, "because"),
            _ => Says(request, "Could not."),
        });

        Assert.Equal("Could not.", output.Answer);
        Assert.Single(calls, c => c.Kind == CallKind.Tool);
        var result = ResultIn(calls.Last(), "a");
        Assert.Contains(told, result.GetProperty("text").GetString());
        Assert.True(result.GetProperty("isError").GetBoolean());
    }

    [Fact]
    public async Task Run_WhenApprovalIsNeeded_WaitsForTheEvent()
    {
        var asked = new TaskCompletionSource();
        var input = Input();

        var run = gateway.RunAsync((request, _) =>
        {
            if (request.Sequence == 1) return Asks(request, ("a", "cluster__scale"));
            if (request.Kind == CallKind.Model) return Says(request, "Scaled.");
            asked.TrySetResult();
            return Ends(request, CallState.AwaitingApproval, "waits for castellan:approvers");
        }, input);
        await asked.Task;
        await gateway.RaiseAsync(input.RunId, new() { CallId = "call-2", State = CallState.Completed, Content = new("3 replicas") });
        var (output, calls) = await run;

        Assert.Equal("Scaled.", output.Answer);
        Assert.Equal("3 replicas", ResultIn(calls.Last(), "a").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Run_WhenGatewayIsAway_AsksAgainUntilItAnswers()
    {
        var (output, calls) = await gateway.RunAsync((request, attempt) => attempt switch { 1 => null, 2 => Ends(request, CallState.Running), _ => Says(request, "Here.") });

        Assert.Equal("Here.", output.Answer);
        Assert.Equal([1L, 1L, 1L], calls.Select(c => c.Sequence));
    }

    [Fact]
    public async Task Run_WhenGatewayIsAwayPastTheDeadline_EndsWithTheLimit()
    {
        var (output, _) = await gateway.RunAsync((_, _) => null, Input(timeoutSeconds: 1));

        Assert.Null(output.Answer);
        Assert.NotNull(output.Error);
    }

    [Fact]
    public async Task Run_WhenNobodyApprovesInTime_EndsWithTheLimit()
    {
        var (output, _) = await gateway.RunAsync((request, _) => request.Kind == CallKind.Model ? Asks(request, ("a", "cluster__scale")) : Ends(request, CallState.AwaitingApproval), Input(timeoutSeconds: 1));

        Assert.Contains("lasted longer than 1 s; raise spec.limits.timeoutSeconds of agent triage", output.Error);
    }

    [Fact]
    public async Task Run_WhenGatewayRefusesTheRequest_EndsWithItsWords()
    {
        var (output, calls) = await gateway.RunAsync((_, _) => throw new InvalidOperationException("call 1 of this run had other arguments"));

        Assert.Contains("call 1 of this run had other arguments", output.Error);
        Assert.Single(calls);
    }

    [Fact]
    public async Task Run_WhenModelCallIsDenied_EndsWithTheReason()
    {
        var (output, _) = await gateway.RunAsync((request, _) => Ends(request, CallState.Denied, "no rule allows it"));

        Assert.Equal(("the model call ended as Denied: no rule allows it", 1), (output.Error, output.Turns));
    }

    [Fact]
    public async Task Run_WhenModelInventsATool_TellsItWhichThereAre()
    {
        var (output, calls) = await gateway.RunAsync((request, _) => request.Sequence == 1 ? Asks(request, ("a", "cluster__destroy")) : Says(request, "Sorry."));

        Assert.Equal("Sorry.", output.Answer);
        Assert.DoesNotContain(calls, c => c.Kind == CallKind.Tool);
        Assert.Contains("there are cluster__list, cluster__scale", ResultIn(calls.Last(), "a").GetProperty("text").GetString());
    }

    [Fact]
    public async Task Run_WhenModelNeverAnswers_EndsAtMaxTurns()
    {
        var (output, _) = await gateway.RunAsync((request, _) => request.Kind == CallKind.Model ? Asks(request, ("a", "cluster__list")) : Returns(request, "x"), Input(maxTurns: 3));

        Assert.Equal(3, output.Turns);
        Assert.Contains("took 3 model turns without an answer; raise spec.limits.maxTurns", output.Error);
    }
}
