using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Audit;

namespace Castellan.AgentGateway.Audit.Delivery;

/// <summary>Audit records as OpenTelemetry log records. Pure: records in, the body of an export request out.</summary>
/// <remarks>opentelemetry-proto 1.x, logs/v1, in the JSON encoding of OTLP: 64-bit integers are strings, enums are numbers.</remarks>
internal static class OtlpLogRecords
{
    private const int Info = 9, Warn = 13;
    private const string Scope = "castellan.audit";

    internal static JsonObject Request(IReadOnlyList<StoredRecord> records, string version, DateTimeOffset now) => new()
    {
        ["resourceLogs"] = new JsonArray(new JsonObject
        {
            ["resource"] = new JsonObject { ["attributes"] = new JsonArray(Attribute("service.name", "castellan-gateway"), Attribute("service.version", version)) },
            ["scopeLogs"] = new JsonArray(new JsonObject
            {
                ["scope"] = new JsonObject { ["name"] = Scope, ["version"] = version },
                ["logRecords"] = new JsonArray([.. records.Select(record => (JsonNode)RecordOf(record, now))]),
            }),
        }),
    };

    private static JsonObject RecordOf(StoredRecord stored, DateTimeOffset now)
    {
        var record = ParseOrEmpty(stored.Body);
        var decision = Text(record, "why", "decision");
        var isRefusal = decision == "Deny" || Text(record, "stage") is "refused" or "rejected" or "expired";
        var log = new JsonObject
        {
            ["timeUnixNano"] = Nanoseconds(stored.Time),
            ["observedTimeUnixNano"] = Nanoseconds(now),
            ["severityNumber"] = isRefusal ? Warn : Info,
            ["severityText"] = isRefusal ? "WARN" : "INFO",
            ["eventName"] = $"{Scope}.{Text(record, "stage") ?? "unreadable"}",
            ["body"] = new JsonObject { ["stringValue"] = stored.Body },
            ["attributes"] = Attributes(stored, record),
        };
        if (Text(record, "where", "traceId") is { } trace)
        {
            log["traceId"] = trace;
            if (Text(record, "where", "spanId") is { } span)
            {
                log["spanId"] = span;
            }
        }

        return log;
    }

    private static JsonArray Attributes(StoredRecord stored, JsonObject record)
    {
        var attributes = new JsonArray(
            new JsonObject { ["key"] = $"{Scope}.sequence", ["value"] = new JsonObject { ["intValue"] = stored.Sequence.ToString(CultureInfo.InvariantCulture) } },
            Attribute($"{Scope}.hash", stored.Hash), Attribute($"{Scope}.previous_hash", stored.PreviousHash));
        foreach (var (key, value) in new (string, string?)[]
        {
            ($"{Scope}.kind", Text(record, "kind")), ($"{Scope}.call_id", Text(record, "callId")), ($"{Scope}.run_id", Text(record, "where", "runId")),
            ($"{Scope}.decision", Text(record, "why", "decision")), ($"{Scope}.policy", Text(record, "why", "policy")), ($"{Scope}.rule", Text(record, "why", "rule")),
            ($"{Scope}.outcome", Text(record, "outcome", "status")), ("error.type", Text(record, "outcome", "errorType")),
            ("enduser.id", Text(record, "who", "onBehalfOf") ?? Text(record, "who", "principal")), ("gen_ai.agent.name", Text(record, "who", "agent")),
            ("gen_ai.conversation.id", Text(record, "where", "sessionId")), ("mcp.method.name", Text(record, "what", "method")),
            (Text(record, "kind") == "model" ? "gen_ai.request.model" : "gen_ai.tool.name", Text(record, "what", "name")), ("server.address", Text(record, "what", "server")),
        })
        {
            if (value is not null)
            {
                attributes.Add(Attribute(key, value));
            }
        }

        return attributes;
    }

    private static JsonObject Attribute(string key, string value) => new() { ["key"] = key, ["value"] = new JsonObject { ["stringValue"] = value } };

    private static string Nanoseconds(DateTimeOffset time) => ((time - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);

    // A record that was tampered with is sent as it is; only verification judges it.
    private static JsonObject ParseOrEmpty(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? Text(JsonObject record, params ReadOnlySpan<string> path)
    {
        JsonNode? node = record;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
    }
}
