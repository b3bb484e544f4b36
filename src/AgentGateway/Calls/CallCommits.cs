using System.Collections.Concurrent;
using Castellan.GatewayApi;
using Castellan.Storage;
using Castellan.Workflows;
using Microsoft.Extensions.Hosting;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// How the activities of a call write: into the commit that completes them where the history shares the gateway's store, and just before
/// they complete where it does not. What was written is found by the next delivery, so an answer that got lost does not matter.
/// </summary>
internal sealed class CallCommits(Store store, IHostApplicationLifetime lifetime)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<CallState>>> _running = new(StringComparer.Ordinal);

    internal CancellationToken StoppingOf(WorkflowActivityContext context) => context is IDurableActivityContext durable ? durable.Stopping : lifetime.ApplicationStopping;

    internal async Task CommitAsync(WorkflowActivityContext context, Action<IUnitOfWork> writes)
    {
        if (context is IDurableActivityContext durable)
        {
            durable.Enlist(writes);
            return;
        }

        await store.WriteAsync(writes, CancellationToken.None);
    }

    /// <summary>Runs an effect; who asks for the same one while it runs waits for its end instead.</summary>
    internal async Task<CallState> OnceAsync(WorkflowActivityContext context, string callId, Func<Task<CallState>> perform)
    {
        if (context is IDurableActivityContext)
        {
            return await perform(); // in memory nothing is delivered twice
        }

        var mine = new Lazy<Task<CallState>>(perform);
        var running = _running.GetOrAdd(callId, mine);
        try
        {
            return await running.Value;
        }
        finally
        {
            if (ReferenceEquals(running, mine))
            {
                _running.TryRemove(callId, out _);
            }
        }
    }
}
