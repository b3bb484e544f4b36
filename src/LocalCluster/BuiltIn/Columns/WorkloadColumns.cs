using System.Text.Json;
using Castellan.LocalCluster.Tables;
using static Castellan.LocalCluster.Tables.TableColumns;

namespace Castellan.LocalCluster.BuiltIn.Columns;

/// <summary>Columns of Deployments, ReplicaSets, Services and what belongs to them.</summary>
internal static class WorkloadColumns
{
    private static readonly TableColumn[] Template =
    [
        new("Containers", "string", (o, _) => PodColumns.Containers(o, "name")) { Priority = 1 },
        new("Images", "string", (o, _) => PodColumns.Containers(o, "image")) { Priority = 1 },
        new("Selector", "string", (o, _) => Node(Pairs(o, "spec", "selector", "matchLabels"))) { Priority = 1 },
    ];

    public static IReadOnlyList<TableColumn> Deployments { get; } =
    [
        Name,
        new TableColumn("Ready", "string", (o, _) => Node($"{Number(o, "status", "readyReplicas")}/{Number(o, "spec", "replicas")}")),
        new TableColumn("Up-to-date", "string", (o, _) => Number(o, "status", "updatedReplicas")),
        new TableColumn("Available", "string", (o, _) => Number(o, "status", "availableReplicas")),
        Age,
        .. Template,
    ];

    public static IReadOnlyList<TableColumn> ReplicaSets { get; } =
    [
        Name,
        new TableColumn("Desired", "integer", (o, _) => Number(o, "spec", "replicas")),
        new TableColumn("Current", "integer", (o, _) => Number(o, "status", "replicas")),
        new TableColumn("Ready", "integer", (o, _) => Number(o, "status", "readyReplicas")),
        Age,
        .. Template,
    ];

    public static IReadOnlyList<TableColumn> Services { get; } =
    [
        Name,
        new TableColumn("Type", "string", (o, _) => Node(Text(o, "spec", "type"))),
        new TableColumn("Cluster-IP", "string", (o, _) => Node(OrNone(Text(o, "spec", "clusterIP")))),
        new TableColumn("External-IP", "string", (o, _) => Node(External(o))),
        new TableColumn("Port(s)", "string", (o, _) => Node(OrNone(Ports(o)))),
        Age,
        new TableColumn("Selector", "string", (o, _) => Node(Pairs(o, "spec", "selector"))) { Priority = 1 },
    ];

    public static IReadOnlyList<TableColumn> Endpoints { get; } =
    [
        Name, new TableColumn("Endpoints", "string", (o, _) => Node(OrNone(Addresses(o)))), Age,
    ];

    public static IReadOnlyList<TableColumn> EndpointSlices { get; } =
    [
        Name,
        new TableColumn("AddressType", "string", (o, _) => Node(Text(o, "addressType"))),
        new TableColumn("Ports", "string", (o, _) => Node(OrUnset(string.Join(",", Items(o, "ports").Select(p => Text(p, "port")))))),
        new TableColumn("Endpoints", "string", (o, _) => Node(OrUnset(string.Join(",", Items(o, "endpoints").SelectMany(e => Items(e, "addresses")).Select(a => a.GetString()))))),
        Age,
    ];

    private static string OrNone(string text) => text.Length > 0 ? text : "<none>";

    private static string OrUnset(string text) => text.Length > 0 ? text : "<unset>";

    private static string External(JsonElement service) => Text(service, "spec", "type") switch
    {
        "ExternalName" => Text(service, "spec", "externalName"),
        "LoadBalancer" => "<pending>",
        _ => "<none>",
    };

    private static string Ports(JsonElement service) => string.Join(",", Items(service, "spec", "ports").Select(p =>
        Text(p, "nodePort") is { Length: > 0 } nodePort and not "0"
            ? $"{Text(p, "port")}:{nodePort}/{Text(p, "protocol")}" : $"{Text(p, "port")}/{Text(p, "protocol")}"));

    private static string Addresses(JsonElement endpoints)
    {
        var all = Items(endpoints, "subsets").SelectMany(s => Items(s, "addresses").SelectMany(a => Items(s, "ports").Select(p => $"{Text(a, "ip")}:{Text(p, "port")}"))).ToList();
        return all.Count > 3 ? $"{string.Join(",", all[..3])} + {all.Count - 3} more..." : string.Join(",", all);
    }
}
