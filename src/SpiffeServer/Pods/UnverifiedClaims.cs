using System.Buffers.Text;
using System.Text.Json;
using Castellan.KubeApi;

namespace Castellan.SpiffeServer.Pods;

/// <summary>What a refused token says of itself; nothing of it is proven.</summary>
/// <param name="Audiences">Whom it is for.</param>
/// <param name="Pod">The pod it is bound to.</param>
/// <param name="PodUid">That pod's identity.</param>
internal sealed record UnverifiedClaims(IReadOnlyList<string> Audiences, NamespacedName? Pod, string? PodUid)
{
    /// <summary>Reads the claims; null when the text is no JWT of a service account.</summary>
    public static UnverifiedClaims? Read(string token)
    {
        if (token.Split('.') is not [_, var payload, _] || !Base64Url.IsValid(payload))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            var claims = document.RootElement;
            var bound = Member(claims, "kubernetes.io");
            var pod = Member(bound, "pod");
            var (ns, name) = (Text(bound, "namespace"), Text(pod, "name"));
            return new(Texts(Member(claims, "aud")), ns is not null && name is not null ? new(ns, name) : null, Text(pod, "uid"));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : default;

    private static string? Text(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static List<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => [.. value.EnumerateArray().Where(e => e.ValueKind == JsonValueKind.String).Select(e => e.GetString()!)],
        _ => [],
    };
}
