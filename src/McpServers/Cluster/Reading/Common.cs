using System.Text.Json.Nodes;
using Castellan.McpServers.Tools;

namespace Castellan.McpServers.Cluster.Reading;

/// <summary>Arguments that several tools share.</summary>
internal static class Common
{
    public static (string, JsonObject) Kind { get; } =
        ("kind", Schema.Text("Kind, plural or short name; custom resources too. Add .group where a name is ambiguous.", "Pod", "deployments", "po", "agents.castellan.dev"));

    public static (string, JsonObject) Name { get; } = ("name", Schema.Text("Name of the object.", "checkout"));

    public static (string, JsonObject) Namespace { get; } = ("namespace", Schema.Text("Namespace. May be left out where the server is limited to one.", "shop"));

    /// <summary>A copy: a node of JSON can stand in one schema only.</summary>
    public static (string, JsonObject) Copy(this (string Name, JsonObject Schema) property) => (property.Name, property.Schema.DeepClone().AsObject());
}
