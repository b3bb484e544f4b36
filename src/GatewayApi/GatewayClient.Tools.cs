namespace Castellan.GatewayApi;

public sealed partial class GatewayClient
{
    /// <summary>Lists tools with how their definitions stand to the pinned ones.</summary>
    /// <param name="ns">Namespace; null for all of them.</param>
    /// <param name="server">Only those of one tool server; null for all.</param>
    /// <param name="withDefinitions">Whether the definitions come along.</param>
    /// <param name="ct">Ends the request.</param>
    public async Task<IReadOnlyList<ToolReport>> ListToolsAsync(string? ns, string? server, bool withDefinitions, CancellationToken ct)
    {
        var query = $"/v1/tools?definitions={(withDefinitions ? "true" : "false")}" + (ns is null ? "" : $"&namespace={Escape(ns)}") + (server is null ? "" : $"&server={Escape(server)}");
        return (await SendAsync<ItemList<ToolReport>>(HttpMethod.Get, query, null, ct).ConfigureAwait(false)).Items;
    }

    /// <summary>Approves definitions of tools of one server.</summary>
    /// <returns>The tools as they stand now.</returns>
    public async Task<IReadOnlyList<ToolReport>> ApproveToolsAsync(string ns, string server, ApproveToolsRequest request, CancellationToken ct) =>
        (await SendAsync<ItemList<ToolReport>>(HttpMethod.Post, $"/v1/namespaces/{Escape(ns)}/toolservers/{Escape(server)}/tools/approve", request, ct).ConfigureAwait(false)).Items;
}
