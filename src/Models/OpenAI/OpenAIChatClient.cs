using System.ClientModel;
using System.ClientModel.Primitives;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using OpenAI;
using OpenAI.Chat;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;

namespace Castellan.Models.OpenAI;

/// <summary>Speaks chat completions: OpenAI, every server compatible with it, and Ollama.</summary>
/// <remarks>
/// Failures become <see cref="ModelUnavailableException"/> or <see cref="ModelRefusedException"/>. The former are retried here a few times,
/// as long as the provider asks to wait no longer than <see cref="OpenAIModel.LongestWait"/>. Safe for many threads.
/// </remarks>
internal sealed class OpenAIChatClient : IChatClient
{
    private readonly OpenAIModel _model;
    private readonly ChatClient _client;
    private readonly ResolvedKeyPolicy _key;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    /// <param name="model">Which model, where, with which parameters.</param>
    /// <param name="http">Carries the requests; owned by the caller.</param>
    /// <param name="key">Gives the API key at every request; null where none is needed.</param>
    /// <param name="clock">For timeouts and waits between attempts.</param>
    /// <param name="log">Attempts that failed; never contents.</param>
    public OpenAIChatClient(OpenAIModel model, HttpClient http, Func<CancellationToken, ValueTask<string>>? key, TimeProvider clock, ILogger log)
    {
        (_model, _clock, _log, _key) = (model, clock, log, new ResolvedKeyPolicy(key));
        var options = new OpenAIClientOptions
        {
            Endpoint = model.BaseUrl,
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0), // we retry ourselves, on our clock
            NetworkTimeout = Timeout.InfiniteTimeSpan,
            ClientLoggingOptions = new ClientLoggingOptions { EnableLogging = false },
        };
#pragma warning disable OPENAI001 // the constructor with a policy is marked experimental; a fixed key could not be rotated
        _client = new ChatClient(model.Name, _key, options);
#pragma warning restore OPENAI001
    }

    /// <inheritdoc/>
    /// <exception cref="ModelException">No usable answer.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var names = new ToolNames(options?.Tools);
        var wire = ChatConversion.ToMessages(messages, names).ToArray();
        var request = ChatConversion.ToOptions(options, _model, names);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(wire, request, names, cancellationToken).ConfigureAwait(false);
            }
            catch (ModelUnavailableException e) when (attempt < _model.Attempts && WaitFor(e, attempt) is { } wait)
            {
                _log.AttemptFailed(_model.Name, attempt, e.Status, wait);
                await Task.Delay(wait, _clock, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>The answer comes in one piece: it is recorded before anybody sees it.</remarks>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var response = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var update in response.ToChatResponseUpdates()) yield return update;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("openai", _model.BaseUrl, _model.Name)
        : serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Nothing to release: the HTTP client belongs to the caller.</summary>
    public void Dispose()
    {
    }

    private async Task<ChatResponse> AttemptAsync(
        global::OpenAI.Chat.ChatMessage[] messages, ChatCompletionOptions request, ToolNames names, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(_model.AttemptTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        try
        {
            var result = await _client.CompleteChatAsync(messages, request, either.Token).ConfigureAwait(false);
            return ChatConversion.ToResponse(result.Value, _model, names);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new ModelUnavailableException(
                $"model '{_model.Name}' at {_model.BaseUrl} did not answer within {_model.AttemptTimeout.TotalSeconds:0} s", "try again later or use a faster model", inner: e);
        }
        catch (ClientResultException e)
        {
            throw OpenAIFailure.Of(e, _model, _key.Latest);
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            // What the library throws over an answer that is no JSON, or JSON of another shape. Its messages may quote the answer: not repeated.
            throw new ModelUnavailableException(
                $"what answered at {_model.BaseUrl} for model '{_model.Name}' does not speak chat completions ({e.GetType().Name})", "check baseUrl of the ModelConfig: it ends before /chat/completions", 200, inner: e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            if (DestinationRefusedException.Behind(e) is { } refused) throw OpenAIFailure.Of(refused, _model);
            throw new ModelUnavailableException(
                $"model '{_model.Name}' at {_model.BaseUrl} cannot be reached: {e.Message}", "check baseUrl of the ModelConfig and that the server runs", inner: e);
        }
    }

    private TimeSpan? WaitFor(ModelUnavailableException failure, int attempt)
    {
        var wait = failure.RetryAfter ?? TimeSpan.FromMilliseconds(500 * Math.Pow(2, attempt - 1));
        return wait <= _model.LongestWait ? wait : null;
    }
}
