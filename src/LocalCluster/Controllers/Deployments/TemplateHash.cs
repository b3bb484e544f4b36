using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Controllers.Deployments;

/// <summary>Compares and names pod templates.</summary>
internal static class TemplateHash
{
    public const string Label = "pod-template-hash";

    // Kubernetes' own alphabet for generated names: no vowels, so that no words come out.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>A short name of the template's content; another for each collision count.</summary>
    public static string Of(PodTemplateSpec template, int? collisions)
    {
        var digest = SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Canonical(template) + collisions));
        return string.Create(10, digest, static (name, bytes) =>
        {
            for (var i = 0; i < name.Length; i++) name[i] = Alphabet[bytes[i] % Alphabet.Length];
        });
    }

    /// <summary>Whether two templates ask for the same, their hash labels aside.</summary>
    public static bool Same(PodTemplateSpec a, PodTemplateSpec b) => Canonical(a) == Canonical(b);

    private static string Canonical(PodTemplateSpec template)
    {
        var json = JsonSerializer.SerializeToNode(template, KubeJson.Options)!.AsObject();
        (json["metadata"]?["labels"] as JsonObject)?.Remove(Label);
        return Sorted(json)!.ToJsonString();
    }

    /// <summary>Members in order and without empty ones: a server may add or leave those out.</summary>
    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => KeyValuePair.Create(f.Key, Sorted(f.Value))).Where(f => f.Value is not null and not JsonObject { Count: 0 } and not JsonArray { Count: 0 })),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
