using System.Diagnostics;
using Castellan.Workflows.Determinism;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Workflows.Tests.Model;

#pragma warning disable RS0030 // the banned calls are the point

/// <summary>Orchestrations that cannot be replayed are refused when they are registered.</summary>
public sealed class OrchestrationCheckTests
{
    private static void Register(Action<WorkflowRuntimeOptions> configure) => new ServiceCollection().AddDaprWorkflow(configure);

    private static string Refused(Func<WorkflowContext, string, Task<string>> code) =>
        Assert.Throws<NonDeterministicOrchestrationException>(() => Register(options => options.RegisterWorkflow("impure", code))).Message;

    public static TheoryData<string, Func<WorkflowContext, string, Task<string>>> Calls => new()
    {
        { "DateTime.UtcNow", (_, _) => Task.FromResult(DateTime.UtcNow.ToString("O")) },
        { "DateTimeOffset.Now", async (context, text) => await context.CallActivityAsync<string>("a", DateTimeOffset.Now + text) },
        { "TimeProvider.GetUtcNow", (_, _) => Task.FromResult(TimeProvider.System.GetUtcNow().ToString()) },
        { "Guid.NewGuid", async (context, _) => await context.CallActivityAsync<string>("a", Guid.NewGuid()) },
        { "new Random", (_, _) => Task.FromResult(new Random().Next().ToString()) },
        { "Random.Shared", (_, _) => Task.FromResult(Random.Shared.Next().ToString()) },
        { "Task.Run", async (_, text) => await Task.Run(() => text) },
        { "Task.Delay", async (_, text) => { await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System); return text; } },
        { "Thread.Sleep", (_, text) => { Thread.Sleep(1); return Task.FromResult(text); } },
        { "Environment.GetEnvironmentVariable", (_, text) => Task.FromResult(Environment.GetEnvironmentVariable(text) ?? "") },
        { "File.ReadAllTextAsync", async (_, text) => await File.ReadAllTextAsync(text) },
        { "HttpClient", async (_, text) => { using var http = new HttpClient(); return await http.GetStringAsync(new Uri(text)); } },
        { "Stopwatch.StartNew", (_, _) => Task.FromResult(Stopwatch.StartNew().Elapsed.ToString()) },
        { "Console.WriteLine", (_, text) => { Console.WriteLine(text); return Task.FromResult(text); } },
        { "Task.WaitAsync", async (context, text) => { await context.CreateTimer(DateTime.MaxValue, default).WaitAsync(TimeSpan.FromSeconds(1)); return text; } },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Function_WhenItCallsWhatReplayCannotRepeat_IsRefusedByName(string call, Func<WorkflowContext, string, Task<string>> code)
    {
        var message = Refused(code);
        Assert.Contains("'impure'", message);
        Assert.Contains(call, message);
    }

    [Fact]
    public void Class_WhenItsHelpersLambdasOrBasesAreImpure_IsRefusedWithThePlace()
    {
        var message = Assert.Throws<NonDeterministicOrchestrationException>(() => Register(options => options.RegisterWorkflow<Hidden>())).Message;
        Assert.StartsWith("orchestration 'Hidden' calls DateTime.UtcNow in Hidden.Stamp, which gives another answer at replay or leaves the turn; use context.CurrentUtcDateTime", message);
        Assert.Contains("Guid.NewGuid in Local.RunAsync", Assert.Throws<NonDeterministicOrchestrationException>(() => Register(options => options.RegisterWorkflow<Local>())).Message);
        Assert.Contains("Task.Run in Impure`2", Assert.Throws<NonDeterministicOrchestrationException>(() => Register(options => options.RegisterWorkflow<Heir>())).Message);
        Assert.Contains("Random.Shared in State.Next", Assert.Throws<NonDeterministicOrchestrationException>(() => Register(options => options.RegisterWorkflow<Nested>())).Message);
    }

    [Fact]
    public void Orchestration_WhenPureOrTheCheckIsOff_IsRegistered()
    {
        Register(options =>
        {
            options.RegisterWorkflow<Pure>();
            options.RegisterActivity<string, string>("impure activity", (_, _) => Task.FromResult(DateTime.UtcNow.ToString("O")));
        });
        Register(options =>
        {
            options.NonDeterminism = NonDeterminismCheck.Off;
            options.RegisterWorkflow<Hidden>();
        });
    }

    [Fact]
    public void Check_OfAnOrchestration_IsQuick()
    {
        OrchestrationCheck.EnsureDeterministic("warm", typeof(Pure));
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 100; i++)
        {
            OrchestrationCheck.EnsureDeterministic("pure", typeof(Pure));
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5)); // 50 ms each on a machine that does ten other things
    }

    private sealed class Pure : Workflow<string, string>
    {
        public override async Task<string> RunAsync(WorkflowContext context, string input)
        {
            using var cancelled = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromHours(1), cancelled.Token);
            var work = context.ProcessInParallelAsync(Enumerable.Range(0, 3), i => context.CallActivityAsync<string>("a", i.ToString()));
            await Task.WhenAny(timer, work).ConfigureAwait(false);
            cancelled.Cancel();
            var random = new Random(context.NewGuid().GetHashCode());
            return string.Join(' ', await work) + random.Next() + context.CurrentUtcDateTime.AddDays(1).ToString("O");
        }
    }

    private sealed class Hidden : Workflow<string, string>
    {
        public override Task<string> RunAsync(WorkflowContext context, string input) => Task.FromResult(Stamp());

        private static string Stamp() => DateTime.UtcNow.ToString("O");
    }

    private sealed class Local : Workflow<string, string>
    {
        public override async Task<string> RunAsync(WorkflowContext context, string input)
        {
            var ids = new List<string>();
            async Task AddAsync() => ids.Add(await context.CallActivityAsync<string>("a", Guid.NewGuid()));
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => AddAsync()));
            return string.Join(' ', ids);
        }
    }

    private abstract class Impure<TInput, TOutput> : Workflow<TInput, TOutput>
    {
        protected static Task<string> SlowAsync(string text) => Task.Run(() => text);
    }

    private sealed class Heir : Impure<string, string>
    {
        public override async Task<string> RunAsync(WorkflowContext context, string input) => await SlowAsync(input);
    }

    private sealed class Nested : Workflow<string, string>
    {
        public override Task<string> RunAsync(WorkflowContext context, string input) => Task.FromResult(new State().Next());

        private sealed class State
        {
            public string Next() => Random.Shared.Next().ToString();
        }
    }
}
