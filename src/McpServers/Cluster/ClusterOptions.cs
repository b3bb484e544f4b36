using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster;

/// <summary>What the Cluster server may touch, whoever asks.</summary>
/// <param name="Namespaces">Namespaces it may look into; empty means all that the acting account may see.</param>
/// <param name="ReadOnly">True offers only tools that change nothing.</param>
/// <param name="TrustsGateway">True acts on the gateway's word alone; otherwise every call needs a delegation token.</param>
internal sealed record ClusterOptions(IReadOnlyList<string> Namespaces, bool ReadOnly, bool TrustsGateway = false)
{
    /// <summary>The namespace of one object.</summary>
    /// <exception cref="ToolProblem">None is given where one is needed, or it is not allowed.</exception>
    public string NamespaceFor(KubeResource resource, string? given)
    {
        if (!resource.Namespaced) return Namespaces.Count == 0 ? "" : throw Refused(resource);
        if (given is not null) return Allowed(given);
        return Namespaces is [var only] ? only : throw new ToolProblem("'namespace' is missing", Hint());
    }

    /// <summary>The namespaces to list; a single null stands for all.</summary>
    /// <exception cref="ToolProblem">The namespace is not allowed.</exception>
    public IReadOnlyList<string?> NamespacesFor(KubeResource resource, string? given)
    {
        if (!resource.Namespaced) return Namespaces.Count == 0 ? [null] : throw Refused(resource);
        if (given is not null) return [Allowed(given)];
        return Namespaces.Count == 0 ? [null] : [.. Namespaces];
    }

    private string Allowed(string ns) => Namespaces.Count == 0 || Namespaces.Contains(ns)
        ? ns
        : throw new ToolProblem($"namespace '{ns}' is outside of what this server may look into", Hint());

    private string Hint() => Namespaces.Count == 0
        ? "name the namespace; list {\"kind\": \"namespaces\"} shows them"
        : $"use one of {string.Join(", ", Namespaces)}";

    private ToolProblem Refused(KubeResource resource) =>
        new($"{resource.Kind} belongs to no namespace, and this server is limited to {string.Join(", ", Namespaces)}", "ask for kinds inside of these namespaces");
}
