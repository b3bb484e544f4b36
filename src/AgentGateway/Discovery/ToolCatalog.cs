using System.Collections.Concurrent;
using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.Policy;

namespace Castellan.AgentGateway.Discovery;

/// <summary>A tool as the gateway found it.</summary>
/// <param name="Server">The ToolServer.</param>
/// <param name="Name">Name on the server.</param>
/// <param name="Description">What it does, in the server's words.</param>
/// <param name="InputSchema">JSON Schema of its arguments.</param>
/// <param name="Effect">What it does to the world, as we treat it.</param>
/// <param name="Digest">Digest of its definition.</param>
internal sealed record CatalogTool(NamespacedName Server, string Name, string? Description, JsonElement InputSchema, ToolEffect Effect, string Digest)
{
    /// <summary>The MCP method that this stands for, when it is no tool: see <see cref="OfMethod"/>.</summary>
    internal string? Method { get; private init; }

    /// <summary>A server's method as policy sees it: a tool named after the method that changes nothing, its parameters the arguments.</summary>
    internal static CatalogTool OfMethod(NamespacedName server, string method) => new(server, method, null, default, ToolEffect.Read, "") { Method = method, Annotations = CallAnnotations.Harmless };

    /// <summary>What its server claims about it.</summary>
    internal CallAnnotations Annotations { get; init; } = CallAnnotations.Silent;

    /// <summary>Why nobody may see or call it, and what to do; null for a tool whose definition is the pinned one.</summary>
    internal string? Blocked { get; init; }

    /// <summary>Name under which agents and users see it.</summary>
    internal string QualifiedName => $"{Server.Name}__{Name}";
}

/// <summary>The tools of all servers, as last discovered.</summary>
internal sealed class ToolCatalog
{
    private readonly ConcurrentDictionary<NamespacedName, IReadOnlyList<CatalogTool>> _servers = new();
    private readonly ConcurrentDictionary<NamespacedName, TaskCompletionSource> _asked = new();

    /// <summary>Fires after the tools of a server changed.</summary>
    internal event Action? Changed;

    /// <summary>The tools that may be seen.</summary>
    internal IEnumerable<CatalogTool> All => _servers.OrderBy(s => s.Key.ToString(), StringComparer.Ordinal).SelectMany(s => s.Value.Where(Passed));

    /// <summary>True once the tools of a server were listed since the gateway started.</summary>
    internal bool Knows(NamespacedName server) => _servers.ContainsKey(server);

    /// <summary>Completes once a server was asked for its tools, whether or not it answered.</summary>
    internal Task AskedAsync(NamespacedName server) => AskedOf(server).Task;

    /// <summary>Says that a server was asked and did not answer: nobody needs to wait for its first answer any more.</summary>
    internal void Failed(NamespacedName server) => AskedOf(server).TrySetResult();

    /// <summary>The tools of a server that may be seen.</summary>
    internal IReadOnlyList<CatalogTool> Of(NamespacedName server) => [.. Listed(server).Where(Passed)];

    /// <summary>A tool that may be seen.</summary>
    internal CatalogTool? Find(NamespacedName server, string tool) => Listed(server).FirstOrDefault(t => t.Name == tool && Passed(t));

    /// <summary>A tool that its server lists, blocked or not.</summary>
    internal CatalogTool? FindListed(NamespacedName server, string tool) => Listed(server).FirstOrDefault(t => t.Name == tool);

    /// <summary>All that a server lists, blocked or not.</summary>
    internal IReadOnlyList<CatalogTool> Listed(NamespacedName server) => _servers.GetValueOrDefault(server) ?? [];

    /// <summary>All that servers list and nobody may see.</summary>
    internal IEnumerable<CatalogTool> AllBlocked => _servers.SelectMany(s => s.Value.Where(tool => !Passed(tool)));

    internal void Put(NamespacedName server, IReadOnlyList<CatalogTool> tools)
    {
        var before = Listed(server);
        _servers[server] = tools;
        AskedOf(server).TrySetResult();
        if (!before.Select(Fingerprint).SequenceEqual(tools.Select(Fingerprint)))
        {
            Changed?.Invoke();
        }
    }

    internal void Remove(NamespacedName server)
    {
        _asked.TryRemove(server, out _);
        if (_servers.TryRemove(server, out _))
        {
            Changed?.Invoke();
        }
    }

    private TaskCompletionSource AskedOf(NamespacedName server) => _asked.GetOrAdd(server, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private static bool Passed(CatalogTool tool) => tool.Blocked is null;

    private static (string, ToolEffect, string?) Fingerprint(CatalogTool tool) => (tool.Digest, tool.Effect, tool.Blocked);
}
