using System.Text;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Store;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>Writes answers.</summary>
internal static class Responses
{
    public const string Json = "application/json";

    public static Task WriteAsync(HttpContext http, int code, JsonNode body) => WriteAsync(http, code, body.ToUtf8());

    public static Task WriteAsync(HttpContext http, int code, ReadOnlyMemory<byte> body, string contentType = Json)
    {
        http.Response.StatusCode = code;
        http.Response.ContentType = contentType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-cache, private";
        return http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    public static Task WriteTextAsync(HttpContext http, int code, string text) =>
        WriteAsync(http, code, Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    public static void AddWarnings(HttpContext http, IEnumerable<string> warnings)
    {
        foreach (var warning in warnings)
        {
            var text = warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ");
            http.Response.Headers.Append("Warning", $"299 - \"{text}\"");
        }
    }

    /// <summary>An object's JSON in the version that was asked for.</summary>
    /// <remarks>The store writes apiVersion first, so that another version costs one splice and none a comparison.</remarks>
    public static ReadOnlyMemory<byte> InVersion(ResourceDefinition resource, StoredObject obj)
    {
        var json = obj.Json.AsSpan();
        var start = "{\"apiVersion\":\""u8;
        if (!json.StartsWith(start)) return obj.Json;
        var end = json[start.Length..].IndexOf((byte)'"');
        var wanted = Encoding.UTF8.GetBytes(resource.ApiVersion);
        if (json.Slice(start.Length, end).SequenceEqual(wanted)) return obj.Json;
        return (byte[])[.. start, .. wanted, .. json[(start.Length + end)..]];
    }
}
