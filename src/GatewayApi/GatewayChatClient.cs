using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Castellan.GatewayApi;

/// <summary>A chat client whose every request is a durable model call of a run, made by the gateway with the gateway's credentials.</summary>
/// <param name="gateway">The gateway's workload listener.</param>
/// <param name="runId">The run on whose account the calls are made.</param>
/// <param name="nextSequence">
/// Gives each request its place in the run. Under an orchestration it must be deterministic: the same request gets the same number at
/// every replay.
/// </param>
public sealed class GatewayChatClient(GatewayClient gateway, string runId, Func<long> nextSequence) : IChatClient
{
    /// <inheritdoc/>
    /// <exception cref="GatewayException">The gateway cannot be reached or refuses the request.</exception>
    /// <exception cref="CallEndedException">The call was denied, failed, or waits for an approval.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var tools = options?.Tools?.OfType<AIFunctionDeclaration>().Select(ToolDescription.Of).ToList();
        var request = new CallRequest { Sequence = nextSequence(), Kind = CallKind.Model, Model = new ModelCall([.. messages], tools) };
        var result = await gateway.CallAsync(runId, request, cancellationToken).ConfigureAwait(false);
        return result is { State: CallState.Completed, Response: { } response } ? response : throw new CallEndedException(result);
    }

    /// <inheritdoc/>
    /// <remarks>A durable call has one result: it comes in one piece.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Nothing to release: the gateway's client belongs to the caller.</summary>
    public void Dispose()
    {
    }
}

/// <summary>A call did not complete: it was denied, refused, failed, or still waits.</summary>
/// <param name="result">What became of it.</param>
public sealed class CallEndedException(CallResult result) : Exception(result.Message ?? $"call {result.CallId} is {result.State}")
{
    /// <summary>What became of the call.</summary>
    public CallResult Result { get; } = result;
}
