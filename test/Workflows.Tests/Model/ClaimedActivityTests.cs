using Castellan.Storage;
using Castellan.Storage.Claims;
using Castellan.Workflows.Abstractions;

namespace Castellan.Workflows.Tests.Model;

/// <summary>Effects that happen at most once, as an orchestration sees them.</summary>
public class ClaimedActivityTests : IAsyncLifetime
{
    private TestSidecar _sidecar = null!;

    protected virtual Backend Backend => Backend.Sqlite;

    public async Task InitializeAsync() => _sidecar = await TestSidecar.StartAsync(on: Backend);

    public async Task DisposeAsync() => await _sidecar.DisposeAsync();

    private async Task<(WorkflowState State, Pay Pay)> RunAsync(Func<string, Task<string>> effect, WorkflowTaskOptions? options = null, string? found = null)
    {
        var pay = new Pay(_sidecar.Store, effect, found);
        await _sidecar.AddWorkerAsync(registrations =>
        {
            registrations.RegisterWorkflow<string, string>("order", async (context, input) =>
            {
                try
                {
                    return await context.CallActivityAsync<string>("pay", input, options);
                }
                catch (WorkflowTaskFailedException failed) when (failed.FailureDetails.IsCausedBy<OutcomeUnknownException>())
                {
                    return "unknown";
                }
            });
            registrations.RegisterActivity<string, string>("pay", pay.RunAsync);
        });
        return (await _sidecar.RunAsync("order", "lamp"), pay);
    }

    private Task LeaveOpenAsync(string digestOf) => _sidecar.Store.WriteAsync(unit => EffectClaims.TryClaim(unit, "pay/lamp", Digest(digestOf), DateTimeOffset.UnixEpoch), CancellationToken.None);

    private static string Digest(string input) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"\"{input}\"")));

    [Fact]
    public async Task Call_WhenTheEffectSucceeds_ReturnsItsOutputAndKeepsIt()
    {
        var (state, pay) = await RunAsync(order => Task.FromResult("paid " + order));
        Assert.Equal(("paid lamp", 1), (state.ReadOutputAs<string>(), pay.Count));
        Assert.Equal("paid lamp", (await _sidecar.RunAsync("order", "lamp")).ReadOutputAs<string>());
        Assert.Equal(1, pay.Count);
    }

    [Fact]
    public async Task Call_WhenAnAttemptLeftNoOutcome_IsOutcomeUnknownAndNotRepeated()
    {
        await LeaveOpenAsync("lamp");
        var (state, pay) = await RunAsync(order => Task.FromResult("paid " + order));
        Assert.Equal(("unknown", 0), (state.ReadOutputAs<string>(), pay.Count));
    }

    [Fact]
    public async Task Call_WhenTheOtherSideKnows_ItsAnswerIsTheOutcome()
    {
        await LeaveOpenAsync("lamp");
        var (state, pay) = await RunAsync(_ => throw new InvalidOperationException("not again"), found: "paid before");
        Assert.Equal(("paid before", 0), (state.ReadOutputAs<string>(), pay.Count));
    }

    [Fact]
    public async Task Call_WhenItFails_TheFailureIsItsOutcomeAlsoForRetries()
    {
        var retry = new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromMilliseconds(1)));
        var (state, pay) = await RunAsync(_ => throw new InvalidOperationException("card refused"), retry);
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("card refused", state.FailureDetails!.ErrorMessage);
        Assert.Equal(1, pay.Count);
    }

    [Fact]
    public async Task Call_WhenNothingHappened_IsRetried()
    {
        var attempts = 0;
        var retry = new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromMilliseconds(1)));
        var (state, pay) = await RunAsync(order => ++attempts < 3 ? throw new EffectNotPerformedException("the bank is closed") : Task.FromResult("paid " + order), retry);
        Assert.Equal(("paid lamp", 3), (state.ReadOutputAs<string>(), pay.Count));
    }

    [Fact]
    public async Task Call_WhenTheKeyWasClaimedForSomethingElse_Fails()
    {
        await LeaveOpenAsync("desk");
        var (state, pay) = await RunAsync(order => Task.FromResult("paid " + order));
        Assert.Contains("claimed with another input", state.FailureDetails!.ErrorMessage);
        Assert.Equal(0, pay.Count);
    }

    [Fact]
    public async Task Call_WhenDeliveredAgainWhileItRuns_JoinsTheRunningAttempt()
    {
        var go = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pay = new Pay(_sidecar.Store, _ => go.Task, null);
        var again = new Pay(_sidecar.Store, _ => throw new InvalidOperationException("not again"), null);
        var context = new Delivery();
        var both = new[] { pay.RunAsync(context, "lamp"), again.RunAsync(context, "lamp") };
        go.SetResult("paid");
        Assert.Equal(["paid", "paid"], await Task.WhenAll(both).WaitAsync(TestSidecar.Limit()));
        Assert.Equal((1, 0), (pay.Count, again.Count));
    }

    private sealed class Delivery : WorkflowActivityContext
    {
        public override TaskIdentifier Identifier => new("pay");

        public override string TaskExecutionKey => "key";

        public override string InstanceId => "one";
    }

    private sealed class Pay(Store store, Func<string, Task<string>> effect, string? found) : ClaimedActivity<string, string>(store)
    {
        public int Count { get; private set; }

        protected override string KeyOf(WorkflowActivityContext context, string input) => "lamp";

        protected override Task<string> PerformAsync(WorkflowActivityContext context, string input)
        {
            Count++;
            return effect(input);
        }

        protected override Task<FoundOutcome<string>?> FindOutAsync(WorkflowActivityContext context, string input) =>
            Task.FromResult(found is null ? null : new FoundOutcome<string>(found));
    }
}
