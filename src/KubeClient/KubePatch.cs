using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.KubeApi;

namespace Castellan.KubeClient;

/// <summary>A change to an object, in one of the forms the API server takes.</summary>
/// <param name="ContentType">Media type of the form.</param>
/// <param name="Body">The change.</param>
public sealed record KubePatch(string ContentType, JsonNode Body)
{
    /// <summary>RFC 7386: members replace, null removes, lists are replaced whole.</summary>
    public static KubePatch Merge(JsonObject change) => new("application/merge-patch+json", change);

    /// <summary>RFC 7386, from any value that serialises to an object.</summary>
    public static KubePatch Merge<T>(T change) where T : notnull => Merge(JsonSerializer.SerializeToNode(change, KubeJson.Options)!.AsObject());

    /// <summary>RFC 6902: a list of operations; a failing <c>test</c> refuses all.</summary>
    public static KubePatch Json(JsonArray operations) => new("application/json-patch+json", operations);

    /// <summary>Kubernetes' own: like merge, but lists with keys are merged by key. Not for custom resources.</summary>
    public static KubePatch Strategic(JsonObject change) => new("application/strategic-merge-patch+json", change);
}
