using Castellan.Storage;
using Castellan.Storage.Claims;

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
    public async Task RemoveEnded_WhenOld_RemovesOnlyEndedOnes()
    {
        await _sidecar.Store.WriteAsync(unit =>
        {
            foreach (var key in (string[])["a", "b", "c"])
            {
                Assert.Equal(ClaimState.Claimed, EffectClaims.TryClaim(unit, key, "d", DateTimeOffset.UnixEpoch).State);
            }

            Assert.True(EffectClaims.End(unit, "a", "1", DateTimeOffset.UnixEpoch.AddHours(1)));
            Assert.False(EffectClaims.End(unit, "a", "2", DateTimeOffset.UnixEpoch.AddHours(1)));
            Assert.True(EffectClaims.End(unit, "b", null, DateTimeOffset.UnixEpoch.AddHours(3)));
            Assert.Equal(1, EffectClaims.RemoveEnded(unit, DateTimeOffset.UnixEpoch.AddHours(2), 10));
            Assert.Null(EffectClaims.Find(unit, "a", "d"));
            Assert.Equal(ClaimState.Ended, EffectClaims.Find(unit, "b", "d")!.Value.State);
            Assert.Equal(ClaimState.Open, EffectClaims.Find(unit, "c", "d")!.Value.State);
            Assert.True(EffectClaims.GiveBack(unit, "c"));
        }, CancellationToken.None);
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
