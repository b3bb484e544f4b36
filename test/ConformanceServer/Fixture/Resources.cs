using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>The fixture's resources.</summary>
internal static class Resources
{
    public static IEnumerable<McpServerResource> All =>
    [
        Of("test://static-text", "static-text", "text/plain", () => "This is the content of the static text resource."),
        Of("test://static-binary", "static-binary", "image/png", ResourceContents () => BlobResourceContents.FromBytes(Samples.Png, "test://static-binary", "image/png")),
        Of("test://template/{id}/data", "template", "application/json", ResourceContents (string id) => new TextResourceContents
        {
            Uri = $"test://template/{id}/data",
            MimeType = "application/json",
            Text = $$"""{"id":"{{id}}","templateTest":true,"data":"Data for ID: {{id}}"}""",
        }),
        Of("test://watched-resource", "watched", "text/plain", () => "Watched resource content"),
    ];

    private static McpServerResource Of(string uri, string name, string type, Delegate body) =>
        McpServerResource.Create(body, new McpServerResourceCreateOptions { UriTemplate = uri, Name = name, MimeType = type, Description = $"Fixture {name} of the conformance suite." });
}
