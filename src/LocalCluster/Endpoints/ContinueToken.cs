using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Where the next page of a list begins.</summary>
internal static class ContinueToken
{
    public static string Write(ObjectKey last, long revision) => Base64Url.EncodeToString(new JsonObject
    {
        ["v"] = "meta.k8s.io/v1", ["rv"] = revision, ["start"] = $"{last.Namespace}/{last.Name}",
    }.ToUtf8());

    /// <returns>Null at the beginning of a list.</returns>
    public static (string Namespace, string Name)? Read(string token)
    {
        if (token.Length == 0) return null;
        try
        {
            var start = JsonObjects.Parse(Base64Url.DecodeFromChars(token)).Text("start")!;
            var slash = start.IndexOf('/');
            return (start[..slash], start[(slash + 1)..]);
        }
        catch (Exception e) when (e is FormatException or JsonException or NullReferenceException or ArgumentOutOfRangeException)
        {
            throw ApiErrors.BadRequest($"continue key is not valid: {Encoding.ASCII.GetString(Encoding.ASCII.GetBytes(token))}");
        }
    }
}
