using System.Text.Json;
using Castellan.KubeApi;
using Castellan.KubeApi.Access;
using Castellan.KubeApi.Core;

namespace Castellan.KubeClient;

public sealed partial class KubeConnection
{
    /// <summary>Opens a container's log.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="options">Which container, which part, and whether to follow.</param>
    /// <param name="ct">Ends the wait for the first bytes; afterwards dispose the stream.</param>
    /// <returns>UTF-8 lines; the caller disposes it.</returns>
    public async Task<Stream> OpenLogsAsync(NamespacedName pod, LogOptions? options = null, CancellationToken ct = default)
    {
        var path = PathFor(KubeResource.Of<Pod>(), pod, "log");
        var response = await _transport.SendAsync(
            Request(HttpMethod.Get, path, options?.Query() ?? []) with { Streams = true, Accept = "*/*" }, ct);
        return await response.Content.ReadAsStreamAsync(ct);
    }

    /// <summary>Reads a container's log to its present end.</summary>
    public async Task<string> ReadLogsAsync(NamespacedName pod, LogOptions? options = null, CancellationToken ct = default)
    {
        await using var stream = await OpenLogsAsync(pod, (options ?? new LogOptions()) with { Follow = false }, ct);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(ct);
    }

    /// <summary>Asks for a token of a service account.</summary>
    public Task<TokenRequest> CreateTokenAsync(NamespacedName serviceAccount, TokenRequestSpec spec, CancellationToken ct = default) =>
        WriteAsync(HttpMethod.Post, PathFor(KubeResource.Of<ServiceAccount>(), serviceAccount, "token"), new TokenRequest { Spec = spec }, null, ct);

    /// <summary>Assigns a pod to a node, as a scheduler does.</summary>
    public async Task BindAsync(NamespacedName pod, string uid, string node, CancellationToken ct = default)
    {
        var binding = new
        {
            ApiVersion = "v1",
            Kind = "Binding",
            Metadata = new { pod.Name, pod.Namespace, Uid = uid },
            Target = new { ApiVersion = "v1", Kind = "Node", Name = node },
        };
        var request = Request(HttpMethod.Post, PathFor(KubeResource.Of<Pod>(), pod, "binding")) with { Body = JsonSerializer.SerializeToUtf8Bytes(binding, KubeJson.Options) };
        using var response = await _transport.SendAsync(request, ct);
    }
}
