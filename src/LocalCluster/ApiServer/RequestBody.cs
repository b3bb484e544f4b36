using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Wire;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>Reads bodies of requests, bounded as the real server bounds them.</summary>
internal static class RequestBody
{
    private const int MaxBytes = 3 * 1024 * 1024;

    public static async Task<byte[]> ReadAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MaxBytes) throw ApiErrors.TooLarge(MaxBytes);
        using var buffer = new MemoryStream((int)(http.Request.ContentLength ?? 1024));
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted).ConfigureAwait(false)) > 0)
        {
            if (buffer.Length + read > MaxBytes) throw ApiErrors.TooLarge(MaxBytes);
            buffer.Write(chunk, 0, read);
        }
        return buffer.ToArray();
    }

    /// <summary>An object in JSON, YAML or protobuf; members given twice are reported in <paramref name="duplicates"/> and the last one counts.</summary>
    public static JsonObject Parse(byte[] body, string contentType, List<string> duplicates)
    {
        if (body.Length == 0) throw ApiErrors.BadRequest("the request has no body; send the object as JSON or YAML");
        if (contentType == ProtobufBody.MediaType) return ProtobufBody.Parse(body);
        if (contentType.Contains("yaml", StringComparison.Ordinal) && body.AsSpan().TrimStart(" \t\r\n"u8) is not [(byte)'{', ..])
        {
            return YamlBody.Parse(body);
        }
        try
        {
            return LenientJson.Parse(body, duplicates) as JsonObject ?? throw ApiErrors.BadRequest("the body of the request is not a JSON object");
        }
        catch (JsonException e)
        {
            throw ApiErrors.BadRequest($"the body of the request is not valid JSON: {e.Message}");
        }
    }

    /// <summary>The media type without parameters; JSON when absent.</summary>
    public static string MediaType(HttpContext http)
    {
        var type = http.Request.ContentType ?? Responses.Json;
        var end = type.IndexOf(';');
        return (end < 0 ? type : type[..end]).Trim().ToLowerInvariant();
    }
}
