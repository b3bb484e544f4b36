using System.ClientModel.Primitives;

namespace Castellan.Models.OpenAI;

/// <summary>Sets the API key as it is at the time of each request; sends none where none is configured.</summary>
internal sealed class ResolvedKeyPolicy(Func<CancellationToken, ValueTask<string>>? key) : AuthenticationPolicy
{
    /// <summary>The key of the latest request, so that it can be kept out of messages.</summary>
    public string? Latest { get; private set; }

    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex) =>
        throw new NotSupportedException("requests are asynchronous");

    public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        if (key is not null)
        {
            Latest = await key(message.CancellationToken).ConfigureAwait(false);
            message.Request.Headers.Set("Authorization", "Bearer " + Latest);
        }
        await ProcessNextAsync(message, pipeline, currentIndex).ConfigureAwait(false);
    }
}
