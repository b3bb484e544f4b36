using System.Text.Json;
using Castellan.GatewayApi;
using Castellan.Workflows;

namespace Castellan.EvilAgent;

/// <summary>A run of the evil agent: it asks no model, it attacks. Its answer is the list of its <see cref="Attempt"/>s as JSON.</summary>
internal sealed class EvilRun : Workflow<RunInput, RunOutput>
{
    public override async Task<RunOutput> RunAsync(WorkflowContext context, RunInput input)
    {
        var result = await context.CallActivityAsync<AttackResult>(AttackActivity.Name, new AttackOrder(input, null));
        var attempts = result.Attempts.ToList();
        if (result.GoesOnAfter is { } call)
        {
            var ended = await context.WaitForExternalEventAsync<CallResult>(CallResult.EventPrefix + call);
            attempts.AddRange((await context.CallActivityAsync<AttackResult>(AttackActivity.Name, new AttackOrder(input, ended))).Attempts);
        }

        return new(JsonSerializer.Serialize(attempts, JsonSerializerOptions.Web), null, 1);
    }
}

/// <summary>What an attack starts, or goes on, with.</summary>
/// <param name="Run">The run it happens in.</param>
/// <param name="Ended">The call that it waited for.</param>
internal sealed record AttackOrder(RunInput Run, CallResult? Ended);
