using System.Text.Json.Nodes;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit.Ocsf;

/// <summary>A record as an event of the Open Cybersecurity Schema Framework. Pure: a record in, an event out; what OCSF has no place for stands under <c>unmapped</c>.</summary>
/// <remarks>OCSF 1.9: class API Activity (6003) with the profile <c>ai_operation</c>; <see cref="OcsfChain"/> adds <c>record_integrity</c>.</remarks>
internal static class OcsfEvent
{
    public const string SchemaVersion = "1.9.0";
    public const long ClassUid = 6003;

    private const int Read = 2, Update = 3, Delete = 4, Other = 99;
    private const int Informational = 1, Medium = 3;
    private const int Success = 1, Failure = 2;
    private const int AgentRole = 4, UserRole = 1;

    /// <summary>The event of a record.</summary>
    /// <param name="entry">The record.</param>
    /// <param name="log">Name of the log, for example <c>castellan.local/audit</c>.</param>
    public static JsonObject Of(AuditEntry entry, string log)
    {
        var record = entry.Record;
        var (activity, name) = ActivityOf(entry);
        var (status, word) = StatusOf(entry);
        return Without(new JsonObject
        {
            ["activity_id"] = activity,
            ["activity_name"] = name,
            ["category_uid"] = 6,
            ["category_name"] = "Application Activity",
            ["class_uid"] = ClassUid,
            ["class_name"] = "API Activity",
            ["type_uid"] = (ClassUid * 100) + activity,
            ["type_name"] = $"API Activity: {name}",
            ["time"] = entry.Time.ToUnixTimeMilliseconds(),
            ["severity_id"] = status == Failure ? Medium : Informational,
            ["severity"] = status == Failure ? "Medium" : "Informational",
            ["status_id"] = status,
            ["status"] = word,
            ["status_detail"] = Text(record, "outcome", "error") ?? Text(record, "why", "reason"),
            ["duration"] = record["outcome"]?["durationMs"] is { } took ? (long)Math.Round((double)took) : null,
            ["message"] = $"{entry.Kind} {entry.Stage}: {(entry.Server is null ? "" : $"{entry.Server}.")}{entry.Target}".TrimEnd(' ', ':'),
            ["metadata"] = Metadata(entry, log),
            ["actor"] = Actor(entry),
            ["api"] = Api(entry),
            ["src_endpoint"] = Without(new JsonObject { ["ip"] = Text(record, "who", "sourceIp"), ["name"] = entry.Principal ?? Text(record, "where", "component") ?? "gateway" }),
            ["resources"] = Resources(entry),
            ["ai_agent"] = Agent(entry),
            ["ai_model"] = Model(record),
            ["message_context"] = Context(entry),
            ["stop_reason"] = Text(record, "model", "finishReason"),
            ["unmapped"] = new JsonObject { ["castellan"] = new JsonObject { ["stage"] = entry.Stage, ["hash"] = entry.Hash, ["previousHash"] = entry.PreviousHash, ["record"] = record.DeepClone() } },
        });
    }

    // A call's activity is what it does to the world; whatever is no call is Other, with its own name.
    private static (int Id, string Name) ActivityOf(AuditEntry entry) => entry switch
    {
        { Effect: "Read" } => (Read, "Read"),
        { Effect: "IdempotentWrite" or "Write" } => (Update, "Update"),
        { Effect: "Destructive" } => (Delete, "Delete"),
        { Kind: "tool" } => (Other, "Invoke Tool"),
        { Kind: "model" } => (Other, "Invoke Model"),
        { Kind: "run" } => (Other, "Run Agent"),
        _ => (Other, entry.Kind),
    };

    private static (int Id, string Name) StatusOf(AuditEntry entry) => entry switch
    {
        { State: "Completed" or "Succeeded" or "InForce" or "Issued" } => (Success, "Success"),
        { Stage: "refused" or "rejected" or "expired" } => (Failure, "Failure"),
        { State: not null } => (Failure, "Failure"),
        _ => (Other, entry.Stage),
    };

    private static JsonObject Metadata(AuditEntry entry, string log) => Without(new JsonObject
    {
        ["version"] = SchemaVersion,
        ["uid"] = Text(entry.Record, "id"),
        ["sequence"] = entry.Sequence,
        ["log_name"] = log,
        ["logged_time"] = entry.Time.ToUnixTimeMilliseconds(),
        ["original_time"] = Text(entry.Record, "time"),
        ["correlation_uid"] = entry.RunId ?? entry.CallId,
        ["product"] = Without(new JsonObject { ["name"] = "Castellan", ["vendor_name"] = "Castellan", ["version"] = Text(entry.Record, "where", "componentVersion") }),
        ["profiles"] = new JsonArray("ai_operation"),
    });

    // The user is the human the call is for; the agent that made it is the application.
    private static JsonObject Actor(AuditEntry entry)
    {
        var isAgent = Text(entry.Record, "who", "agent") is not null;
        var user = entry.OnBehalfOf ?? (isAgent ? null : entry.Principal);
        return Without(new JsonObject
        {
            ["user"] = user is null ? null : Without(new JsonObject
            {
                ["name"] = user,
                ["uid"] = user,
                ["groups"] = entry.Record["who"]?["groups"] is JsonArray groups ? new JsonArray([.. groups.Select(g => (JsonNode)new JsonObject { ["name"] = g!.ToString() })]) : null,
            }),
            ["app_uid"] = isAgent ? entry.Principal : null,
            ["app_name"] = isAgent ? Text(entry.Record, "who", "agent") : entry.Principal is null ? Text(entry.Record, "where", "component") ?? "gateway" : null,
            ["authorizations"] = entry.Decision is null ? null : new JsonArray(Without(new JsonObject
            {
                ["decision"] = entry.Decision,
                ["policy"] = Text(entry.Record, "why", "policy") is { } policy
                    ? Without(new JsonObject { ["name"] = policy, ["uid"] = entry.Rule is null ? policy : $"{policy}#{entry.Rule}", ["version"] = Text(entry.Record, "why", "policyRevision"), ["desc"] = Text(entry.Record, "why", "reason") })
                    : null,
            })),
        });
    }

    private static JsonObject Api(AuditEntry entry) => Without(new JsonObject
    {
        ["operation"] = Text(entry.Record, "what", "method") ?? entry.Kind,
        ["service"] = entry.Server is { } server ? Without(new JsonObject { ["name"] = server }) : null,
        ["request"] = entry.CallId is { } call ? new JsonObject { ["uid"] = call } : null,
        ["response"] = Text(entry.Record, "outcome", "error") is { } error ? Without(new JsonObject { ["error"] = Text(entry.Record, "outcome", "errorType"), ["error_message"] = error }) : null,
    });

    private static JsonArray? Resources(AuditEntry entry) => entry.Target is null ? null : new JsonArray(Without(new JsonObject
    {
        ["name"] = entry.Target,
        ["type"] = entry.Kind,
        ["namespace"] = Text(entry.Record, "what", "namespace"),
        ["uid"] = Text(entry.Record, "what", "toolDigest"),
        ["group"] = entry.Server is { } server ? new JsonObject { ["name"] = server } : null,
    }));

    private static JsonObject? Agent(AuditEntry entry) => Text(entry.Record, "who", "agent") is not { } name ? null : Without(new JsonObject
    {
        ["uid"] = entry.Principal,
        ["name"] = $"{Text(entry.Record, "who", "agentNamespace")}/{name}",
        ["instance_uid"] = entry.RunId,
        ["version"] = entry.Record["who"]?["agentRevision"]?.ToString(),
        ["type_id"] = 1, // Native
        ["ai_model"] = Model(entry.Record),
    });

    private static JsonObject? Model(JsonObject record) => (Text(record, "model", "responseModel") ?? Text(record, "model", "requestModel")) is not { } name ? null : new JsonObject
    {
        ["name"] = name,
        ["ai_provider"] = Text(record, "model", "provider") ?? "Unknown",
    };

    private static JsonObject? Context(AuditEntry entry)
    {
        if (entry.Kind is not ("tool" or "model" or "run"))
        {
            return null;
        }

        var (input, output) = (Number(entry.Record, "inputTokens"), Number(entry.Record, "outputTokens"));
        return Without(new JsonObject
        {
            ["uid"] = Text(entry.Record, "where", "sessionId"),
            ["ai_role_id"] = Text(entry.Record, "who", "agent") is null ? UserRole : AgentRole,
            ["service"] = new JsonObject { ["name"] = entry.Server ?? entry.Target ?? "gateway" },
            ["prompt_tokens"] = input,
            ["completion_tokens"] = output,
            ["total_tokens"] = input is null && output is null ? null : (input ?? 0) + (output ?? 0),
        });
    }

    private static long? Number(JsonObject record, string name) => record["model"]?[name] is { } value ? (long)value : null;

    private static string? Text(JsonObject record, params ReadOnlySpan<string> path)
    {
        JsonNode? node = record;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;
    }

    private static JsonObject Without(JsonObject value)
    {
        foreach (var name in value.Where(m => m.Value is null or JsonArray { Count: 0 }).Select(m => m.Key).ToList())
        {
            value.Remove(name);
        }

        return value;
    }
}
