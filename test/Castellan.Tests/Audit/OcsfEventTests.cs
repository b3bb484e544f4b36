using System.Text.Json.Nodes;
using Castellan.Cli.Audit.Ocsf;
using Castellan.Digests;
using Castellan.GatewayApi;

namespace Castellan.Cli.Tests.Audit;

/// <summary>Records as OCSF events: names and numbers of the schema, and a chain that anyone can check.</summary>
public sealed class OcsfEventTests
{
    private static readonly string[] Known =
    [
        "activity_id", "activity_name", "category_uid", "category_name", "class_uid", "class_name", "type_uid", "type_name", "time", "severity_id", "severity", "status_id", "status",
        "status_detail", "duration", "message", "metadata", "actor", "api", "src_endpoint", "resources", "ai_agent", "ai_model", "message_context", "stop_reason", "unmapped", "attestation_list",
    ];

    [Fact]
    public void Of_WhenAnAgentWasDenied_SaysWhoWhatAndWhy()
    {
        var item = Event(Entry(7, "decided", "Destructive") with { State = "Denied", Decision = "Deny", Rule = "no" });

        Assert.Equal((6003, 4, 600304L, 6), ((int)item["class_uid"]!, (int)item["activity_id"]!, (long)item["type_uid"]!, (int)item["category_uid"]!));
        Assert.Equal((2, 3, "castellan.test/audit", 7), ((int)item["status_id"]!, (int)item["severity_id"]!, (string)item["metadata"]!["log_name"]!, (int)item["metadata"]!["sequence"]!));
        Assert.Equal(("alice", "spiffe://td/ns/default/sa/agent-triage"), ((string)item["actor"]!["user"]!["name"]!, (string)item["actor"]!["app_uid"]!));
        Assert.Equal(("Deny", "default/p"), ((string)item["actor"]!["authorizations"]![0]!["decision"]!, (string)item["actor"]!["authorizations"]![0]!["policy"]!["name"]!));
        Assert.Equal(("default/triage", "run-1"), ((string)item["ai_agent"]!["name"]!, (string)item["ai_agent"]!["instance_uid"]!));
        Assert.Equal(("tools/call", "ops", "remove"), ((string)item["api"]!["operation"]!, (string)item["api"]!["service"]!["name"]!, (string)item["resources"]![0]!["name"]!));
        Assert.Equal("call-7", (string)item["api"]!["request"]!["uid"]!);
        Assert.Equal("10.0.0.1", (string)item["src_endpoint"]!["ip"]!);
        Assert.All(item, member => Assert.Contains(member.Key, Known));
    }

    [Fact]
    public void Of_WhenAModelAnswered_CountsTokens()
    {
        var entry = Entry(8, "completed", null) with { Kind = "model", State = "Completed", Server = null };
        entry.Record["model"] = new JsonObject { ["requestModel"] = "gpt", ["responseModel"] = "gpt-4o", ["inputTokens"] = 120, ["outputTokens"] = 30, ["finishReason"] = "stop", ["provider"] = "OpenAI" };
        var item = Event(entry with { Record = Parsed(entry.Record) });

        Assert.Equal(("gpt-4o", "OpenAI"), ((string)item["ai_model"]!["name"]!, (string)item["ai_model"]!["ai_provider"]!));
        Assert.Equal((120, 30, 150), ((int)item["message_context"]!["prompt_tokens"]!, (int)item["message_context"]!["completion_tokens"]!, (int)item["message_context"]!["total_tokens"]!));
        Assert.Equal((99, "Invoke Model", 1, "stop"), ((int)item["activity_id"]!, (string)item["activity_name"]!, (int)item["status_id"]!, (string)item["stop_reason"]!));
    }

    [Fact]
    public void Of_WhenNobodyCalled_HasTheFieldsThatAreRequired()
    {
        var item = Event(new AuditEntry { Sequence = 1, Time = DateTimeOffset.UnixEpoch, Stage = "completed", Kind = "policy", State = "InForce", PreviousHash = "", Hash = "", Record = [] });
        foreach (var required in new[] { "activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata", "actor", "api", "src_endpoint" })
        {
            Assert.NotNull(item[required]);
        }

        Assert.Equal("gateway", (string)item["actor"]!["app_name"]!);
        Assert.Equal("policy", (string)item["api"]!["operation"]!);
    }

    [Fact]
    public void Chain_WhenEventsFollow_LetsAnybodyRecomputeTheFingerprints()
    {
        var chain = new OcsfChain("castellan.test/audit", "key");
        var events = Enumerable.Range(1, 3).Select(i => JsonNode.Parse(CanonicalJson.Write(chain.Add(OcsfEvent.Of(Entry(i, "decided", "Read"), "castellan.test/audit"))))!.AsObject()).ToList();

        Assert.Null(events[0]["attestation_list"]![0]!["prev_event"]);
        foreach (var (item, i) in events.Select((item, i) => (item, i)))
        {
            var stated = Fingerprint(item);
            Assert.Equal(stated, Recomputed(item));
            Assert.Contains("record_integrity", item["metadata"]!["profiles"]!.AsArray().Select(p => (string)p!));
            if (i > 0)
            {
                Assert.Equal(Fingerprint(events[i - 1]), (string)item["attestation_list"]![0]!["prev_event"]!["fingerprint"]!["value"]!);
            }
        }

        events[1]["message"] = "nothing happened";
        Assert.NotEqual(Fingerprint(events[1]), Recomputed(events[1]));
    }

    private static JsonObject Event(AuditEntry entry) => Parsed(OcsfEvent.Of(entry, "castellan.test/audit"));

    // As they travel: numbers have no type there.
    private static JsonObject Parsed(JsonObject value) => JsonNode.Parse(value.ToJsonString())!.AsObject();

    private static string Fingerprint(JsonObject item) => (string)item["attestation_list"]![0]!["fingerprint"]!["value"]!;

    private static string Recomputed(JsonObject item)
    {
        var bare = item.DeepClone();
        bare["attestation_list"]![0]!.AsObject().Remove("fingerprint");
        return CanonicalJson.Digest(bare)["sha256:".Length..];
    }

    private static AuditEntry Entry(long sequence, string stage, string? effect) => new()
    {
        Sequence = sequence,
        Time = DateTimeOffset.UnixEpoch,
        Stage = stage,
        Kind = "tool",
        CallId = $"call-{sequence}",
        RunId = "run-1",
        Principal = "spiffe://td/ns/default/sa/agent-triage",
        OnBehalfOf = "alice",
        Server = "ops",
        Target = "remove",
        Effect = effect,
        PreviousHash = new string('0', 64),
        Hash = new string('1', 64),
        Record = new JsonObject
        {
            ["id"] = $"id-{sequence}",
            ["who"] = new JsonObject { ["agent"] = "triage", ["agentNamespace"] = "default", ["sourceIp"] = "10.0.0.1" },
            ["what"] = new JsonObject { ["method"] = "tools/call", ["namespace"] = "default" },
            ["why"] = new JsonObject { ["policy"] = "default/p" },
        },
    };
}
