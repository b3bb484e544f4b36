using System.Collections.Concurrent;

namespace Castellan.Workflows.Tests.Clients;

/// <summary>The orchestrations of the matrix (npm/samples.mjs) in C#.</summary>
internal static class OurSamples
{
    private static readonly ConcurrentDictionary<string, int> Attempts = new();

    public static void Register(WorkflowRuntimeOptions options)
    {
        AddActivities(options);
        AddCalls(options);
        AddWaits(options);
        AddFailures(options);
        AddLoops(options);
    }

    private static void AddActivities(WorkflowRuntimeOptions options)
    {
        options.RegisterActivity<string, string>("hello", (_, name) => Task.FromResult($"Hello {name}!"));
        options.RegisterActivity<string, string>("shout", (_, text) => Task.FromResult(text.ToUpperInvariant()));
        options.RegisterActivity<int, int>("double", (_, number) => Task.FromResult(number * 2));
        options.RegisterActivity<string, string>("echo", (_, text) => Task.FromResult(text));
        options.RegisterActivity<string?, string>("broken", (_, _) => throw new InvalidOperationException("out of paper"));
        options.RegisterActivity<string, int>("failTwice", (_, key) =>
            Attempts.AddOrUpdate(key, 1, (_, attempt) => attempt + 1) is var attempt && attempt < 3
                ? throw new InvalidOperationException($"attempt {attempt} failed")
                : Task.FromResult(attempt));
    }

    private static void AddCalls(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, string>("chain", async (context, name) =>
            await context.CallActivityAsync<string>("shout", await context.CallActivityAsync<string>("hello", name)));
        options.RegisterWorkflow<int, int>("fanOut", async (context, count) =>
            (await Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallActivityAsync<int>("double", i)))).Sum());
        options.RegisterWorkflow<int, int>("square", (_, number) => Task.FromResult(number * number));
        options.RegisterWorkflow<int, int>("children", async (context, count) =>
            (await Task.WhenAll(Enumerable.Range(0, count).Select(i => context.CallChildWorkflowAsync<int>("square", i)))).Sum());
        options.RegisterWorkflow<string, string>("parent", (context, name) => context.CallChildWorkflowAsync<string>("chain", name));
        options.RegisterWorkflow<string, string>("grandparent", (context, name) =>
            context.CallChildWorkflowAsync<string>("parent", name, new(InstanceId: $"{context.InstanceId}-middle")));
        options.RegisterWorkflow<string, string>("large", (context, text) => context.CallActivityAsync<string>("echo", text));
        options.RegisterWorkflow<string?, string>("waitingParent", (context, _) =>
            context.CallChildWorkflowAsync<string>("event", options: new(InstanceId: $"{context.InstanceId}-child")));
    }

    private static void AddWaits(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, string>("timers", async (context, milliseconds) =>
        {
            var span = TimeSpan.FromMilliseconds(milliseconds);
            var before = context.CurrentUtcDateTime;
            await context.CreateTimer(span);
            await Task.WhenAll(context.CreateTimer(span), context.CreateTimer(TimeSpan.FromMilliseconds(1)));
            return context.CurrentUtcDateTime - before >= 2 * span ? "awake" : "too early";
        });
        options.RegisterWorkflow<string?, string>("event", (context, _) => context.WaitForExternalEventAsync<string>("Approved"));
        options.RegisterWorkflow<int, string>("eventOrTimeout", async (context, milliseconds) =>
        {
            try
            {
                return await context.WaitForExternalEventAsync<string>("Approved", TimeSpan.FromMilliseconds(milliseconds));
            }
            catch (TaskCanceledException)
            {
                return "expired";
            }
        });
        options.RegisterWorkflow<string?, string>("ordered", async (context, _) =>
            $"{await context.WaitForExternalEventAsync<string>("first")} {await context.WaitForExternalEventAsync<string>("second")}");
        options.RegisterWorkflow<string?, string>("status", async (context, _) =>
        {
            context.SetCustomStatus("half");
            await context.WaitForExternalEventAsync<string?>("go");
            context.SetCustomStatus("done");
            return "ended";
        });
    }

    private static void AddFailures(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<string, int>("retried", (context, key) =>
            context.CallActivityAsync<int>("failTwice", key, new(new WorkflowRetryPolicy(3, TimeSpan.FromMilliseconds(20)))));
        options.RegisterWorkflow<string?, string>("failing", (context, _) => context.CallActivityAsync<string>("broken"));
        options.RegisterWorkflow<string?, string>("catching", (context, _) => CaughtAsync(() => context.CallActivityAsync<string>("broken")));
        options.RegisterWorkflow<string?, string>("catchingChild", (context, _) => CaughtAsync(() => context.CallChildWorkflowAsync<string>("failing")));
    }

    private static void AddLoops(WorkflowRuntimeOptions options)
    {
        options.RegisterWorkflow<int, string?>("countdown", (context, left) =>
        {
            if (left > 1)
            {
                context.ContinueAsNew(left - 1);
            }

            return Task.FromResult(left > 1 ? null : "last");
        });
        options.RegisterWorkflow<Collection, string?>("collecting", async (context, state) =>
        {
            state.Items.Add(await context.WaitForExternalEventAsync<string>("item"));
            if (state.Items.Count == state.Wanted)
            {
                return string.Join(' ', state.Items);
            }

            context.ContinueAsNew(state);
            return null;
        });
    }

    private static async Task<string> CaughtAsync(Func<Task> work)
    {
        try
        {
            await work();
            return "nothing to catch";
        }
        catch (WorkflowTaskFailedException error)
        {
            return $"caught {error.FailureDetails.ErrorMessage.Contains("out of paper", StringComparison.Ordinal)}".ToLowerInvariant();
        }
    }

    internal sealed record Collection(List<string> Items, int Wanted);
}
