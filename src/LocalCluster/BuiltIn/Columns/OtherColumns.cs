using System.Text.Json;
using Castellan.LocalCluster.Tables;
using static Castellan.LocalCluster.Tables.TableColumns;

namespace Castellan.LocalCluster.BuiltIn.Columns;

/// <summary>Columns of the other built-in kinds.</summary>
internal static class OtherColumns
{
    private static readonly TableColumn CreatedAt = new("Created At", "date", (o, _) => Node(Text(o, "metadata", "creationTimestamp")));

    public static IReadOnlyList<TableColumn> ConfigMaps { get; } =
        [Name, new TableColumn("Data", "string", (o, _) => Count(o, "data") + Count(o, "binaryData")), Age];

    public static IReadOnlyList<TableColumn> Secrets { get; } =
        [Name, new TableColumn("Type", "string", (o, _) => Node(Text(o, "type"))), new TableColumn("Data", "string", (o, _) => Count(o, "data")), Age];

    public static IReadOnlyList<TableColumn> ServiceAccounts { get; } =
        [Name, new TableColumn("Secrets", "string", (o, _) => Count(o, "secrets")), Age];

    public static IReadOnlyList<TableColumn> Namespaces { get; } =
        [Name, new TableColumn("Status", "string", (o, _) => Node(Text(o, "status", "phase"))), Age];

    public static IReadOnlyList<TableColumn> Leases { get; } =
        [Name, new TableColumn("Holder", "string", (o, _) => Node(Text(o, "spec", "holderIdentity"))), Age];

    /// <summary>Roles, ClusterRoles and CustomResourceDefinitions.</summary>
    public static IReadOnlyList<TableColumn> Dated { get; } = [Name, CreatedAt];

    public static IReadOnlyList<TableColumn> Bindings { get; } =
    [
        Name,
        new TableColumn("Role", "string", (o, _) => Node($"{Text(o, "roleRef", "kind")}/{Text(o, "roleRef", "name")}")),
        Age,
        Subjects("Users", "User"),
        Subjects("Groups", "Group"),
        Subjects("ServiceAccounts", "ServiceAccount"),
    ];

    public static IReadOnlyList<TableColumn> Nodes { get; } =
    [
        Name,
        new TableColumn("Status", "string", (o, _) => Node(NodeStatus(o))),
        new TableColumn("Roles", "string", (o, _) => Node(Roles(o))),
        Age,
        new TableColumn("Version", "string", (o, _) => Node(Text(o, "status", "nodeInfo", "kubeletVersion"))),
        new TableColumn("Internal-IP", "string", (o, _) => Node(Address(o, "InternalIP"))) { Priority = 1 },
        new TableColumn("External-IP", "string", (o, _) => Node(Address(o, "ExternalIP"))) { Priority = 1 },
        new TableColumn("OS-Image", "string", (o, _) => Node(OrUnknown(Text(o, "status", "nodeInfo", "osImage")))) { Priority = 1 },
        new TableColumn("Kernel-Version", "string", (o, _) => Node(OrUnknown(Text(o, "status", "nodeInfo", "kernelVersion")))) { Priority = 1 },
        new TableColumn("Container-Runtime", "string", (o, _) => Node(OrUnknown(Text(o, "status", "nodeInfo", "containerRuntimeVersion")))) { Priority = 1 },
    ];

    public static IReadOnlyList<TableColumn> Events { get; } =
    [
        new TableColumn("Last Seen", "string", (o, now) => Node(LastSeen(o, now))),
        new TableColumn("Type", "string", (o, _) => Node(Text(o, "type"))),
        new TableColumn("Reason", "string", (o, _) => Node(Text(o, "reason"))),
        new TableColumn("Object", "string", (o, _) => Node($"{Regarding(o, "kind").ToLowerInvariant()}/{Regarding(o, "name")}")),
        new TableColumn("Subobject", "string", (o, _) => Node(Regarding(o, "fieldPath"))) { Priority = 1 },
        new TableColumn("Source", "string", (o, _) => Node(Source(o))) { Priority = 1 },
        new TableColumn("Message", "string", (o, _) => Node((Text(o, "message") is { Length: > 0 } m ? m : Text(o, "note")).Trim())),
        new TableColumn("First Seen", "string", (o, now) => Node(Seen(o, now, "firstTimestamp", "deprecatedFirstTimestamp", "eventTime"))) { Priority = 1 },
        new TableColumn("Count", "string", (o, _) => Math.Max(1, Number(o, "count"))) { Priority = 1 },
        Name with { Priority = 1 },
    ];

    private static TableColumn Subjects(string name, string kind) => new(name, "string", (o, _) => Node(string.Join(", ", Items(o, "subjects")
        .Where(s => Text(s, "kind") == kind)
        .Select(s => kind == "ServiceAccount" ? $"{Text(s, "namespace")}/{Text(s, "name")}" : Text(s, "name"))))) { Priority = 1 };

    private static string OrUnknown(string text) => text.Length > 0 ? text : "<unknown>";

    private static string NodeStatus(JsonElement node)
    {
        var ready = Items(node, "status", "conditions").Where(c => Text(c, "type") == "Ready").Select(c => Text(c, "status") == "True" ? "Ready" : "NotReady").FirstOrDefault();
        return (ready ?? "Unknown") + (Text(node, "spec", "unschedulable") == "true" ? ",SchedulingDisabled" : "");
    }

    private static string Roles(JsonElement node)
    {
        const string Prefix = "node-role.kubernetes.io/";
        var roles = Find(node, "metadata", "labels") is { } labels
            ? labels.EnumerateObject().Where(l => l.Name.StartsWith(Prefix, StringComparison.Ordinal)).Select(l => l.Name[Prefix.Length..]).ToList() : [];
        return roles.Count > 0 ? string.Join(",", roles) : "<none>";
    }

    private static string Address(JsonElement node, string type)
    {
        var address = Items(node, "status", "addresses").Where(a => Text(a, "type") == type).Select(a => Text(a, "address")).FirstOrDefault();
        return address ?? "<none>";
    }

    private static string Regarding(JsonElement e, string name) =>
        Text(e, "involvedObject", name) is { Length: > 0 } text ? text : Text(e, "regarding", name);

    private static string Source(JsonElement e)
    {
        var (component, host) = (Text(e, "source", "component"), Text(e, "source", "host"));
        if (component.Length == 0) component = Text(e, "reportingComponent");
        return host.Length > 0 ? $"{component}, {host}" : component;
    }

    private static string LastSeen(JsonElement e, DateTimeOffset now) => Find(e, "series") is not null
        ? AgeOf(e, now, "series", "lastObservedTime")
        : Seen(e, now, "lastTimestamp", "deprecatedLastTimestamp", "eventTime");

    private static string Seen(JsonElement e, DateTimeOffset now, params string[] names)
    {
        foreach (var name in names)
        {
            if (Find(e, name) is not null) return AgeOf(e, now, name);
        }
        return AgeOf(e, now, "metadata", "creationTimestamp");
    }
}
