using System.ClientModel;
using System.Globalization;
using System.Text.Json;

namespace Castellan.Models.OpenAI;

/// <summary>Sorts a provider's refusals into those worth repeating and those not.</summary>
internal static class OpenAIFailure
{
    /// <param name="failure">What the client says.</param>
    /// <param name="model">The model that was asked.</param>
    /// <param name="key">The key that was sent, to be kept out of the message; null without.</param>
    public static ModelException Of(ClientResultException failure, OpenAIModel model, string? key)
    {
        if (DestinationRefusedException.Behind(failure) is { } refused) return Of(refused, model);
        var said = Without(key, MessageOf(failure));
        var what = $"model '{model.Name}' at {model.BaseUrl} answered {failure.Status}{(said.Length > 0 ? $": {said}" : "")}";
        return failure.Status switch
        {
            0 => new ModelUnavailableException($"model '{model.Name}' at {model.BaseUrl} gave no answer: {Without(key, failure.Message)}", "check that the server runs", inner: failure),
            408 or 409 or >= 500 => new ModelUnavailableException(what, "try again later", failure.Status, RetryAfter(failure), failure),
            429 when said.Contains("quota", StringComparison.OrdinalIgnoreCase) && RetryAfter(failure) is null =>
                new ModelRefusedException(what, "raise the quota of the account behind the API key", failure.Status, failure),
            429 => new ModelUnavailableException(what, "wait, or ask the provider for a higher rate limit", failure.Status, RetryAfter(failure), failure),
            401 or 403 => new ModelRefusedException(what, "check spec.apiKey of the ModelConfig and the Secret it names", failure.Status, failure),
            404 => new ModelRefusedException(what, "check spec.model and spec.baseUrl of the ModelConfig", failure.Status, failure),
            _ => new ModelRefusedException(what, "the request does not suit this model: shorten the conversation or choose another model", failure.Status, failure),
        };
    }

    /// <param name="refused">Why nothing may be sent there.</param>
    /// <param name="model">The model that was to be asked.</param>
    public static ModelRefusedException Of(DestinationRefusedException refused, OpenAIModel model)
    {
        var parts = refused.Message.Split("; ", 2);
        return new ModelRefusedException($"model '{model.Name}' at {model.BaseUrl} may not be connected to: {parts[0]}", parts is [_, var remedy] ? remedy : "correct spec.baseUrl of the ModelConfig", inner: refused);
    }

    private static string Without(string? key, string text) => string.IsNullOrEmpty(key) ? text : text.Replace(key, "***", StringComparison.Ordinal);

    private static TimeSpan? RetryAfter(ClientResultException failure) =>
        failure.GetRawResponse()?.Headers.TryGetValue("Retry-After", out var value) == true
        && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 86400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    // {"error": {"message": "..."}} with OpenAI and most others, {"error": "..."} with Ollama. OpenAI masks keys in it; others may repeat what they were sent.
    private static string MessageOf(ClientResultException failure)
    {
        try
        {
            using var body = JsonDocument.Parse(failure.GetRawResponse()?.Content ?? BinaryData.FromString("{}"));
            if (body.RootElement.ValueKind != JsonValueKind.Object || !body.RootElement.TryGetProperty("error", out var error)) return "";
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("message", out var message)) error = message;
            var text = error.ValueKind == JsonValueKind.String ? error.GetString()! : "";
            return text.Length > 500 ? text[..500] + "…" : text;
        }
        catch (JsonException)
        {
            return ""; // an HTML page of a proxy or the like; the status says enough
        }
    }
}
