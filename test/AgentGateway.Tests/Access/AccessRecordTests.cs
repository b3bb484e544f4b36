using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Castellan.ServiceDefaults.Access;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentGateway.Tests.Access;

/// <summary>Whoever is turned away stands in the audit log: who it was, at which door, and why.</summary>
public sealed class AccessRecordTests(AccessRecordTests.World shared) : IClassFixture<AccessRecordTests.World>
{
    private const string Evil = "spiffe://castellan.local/ns/default/sa/agent-evil";

    [Fact]
    public async Task ConfusedDeputy_WhenAnAgentCallsInAnotherAgentsRun_IsRefusedAndOnRecord()
    {
        var run = await shared.Gateway.You().StartRunAsync("default", "triage", new StartRunRequest("why?"), default);
        var call = new CallRequest { Sequence = 1, Kind = CallKind.Tool, Tool = new ToolCall("ops__read", new JsonObject { ["name"] = "web" }) };

        var refused = await Assert.ThrowsAsync<GatewayException>(() => shared.Gateway.Agent("evil").CallAsync(run.RunId, call, default));

        Assert.Equal(404, refused.Status);
        var record = await shared.FindAsync(r => r.Principal == Evil && r.Target!.Contains(run.RunId, StringComparison.Ordinal));
        Assert.Equal(("rejected", "access", "Deny"), (record.Stage, record.Kind, record.Decision));
        // The agent whose run it is may call in it: the run, not the request, was what was wrong.
        Assert.Equal(CallState.Completed, (await shared.Gateway.Agent().CallAsync(run.RunId, call, default)).State);
    }

    [Theory]
    [InlineData("X-Forwarded-Client-Cert", "URI=spiffe://castellan.local/ns/castellan-system/sa/gateway")]
    [InlineData("Impersonate-User", "approver")]
    [InlineData("Authorization", "Bearer x")]
    [InlineData("taskhub", "spiffe://castellan.local/ns/default/sa/agent-triage")]
    public async Task ForgedHeader_WhenARequestClaimsAnIdentityBesidesItsSvid_IsRefusedAndOnRecord(string header, string value)
    {
        using var http = Client("evil");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/runs/any/calls");
        request.Headers.TryAddWithoutValidation(header, value);

        using var answer = await http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        await shared.FindAsync(r => r.Principal == Evil && Reason(r).Contains($"'{header}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SelfApproval_WhenAnAgentAsksItsListenerForThePeoplesApi_FindsNoneAndIsOnRecord()
    {
        using var http = Client("evil");

        using var answer = await http.PostAsJsonAsync("/v1/approvals/0123456789abcdef", new DecideApprovalRequest("x"));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await shared.FindAsync(r => r.Principal == Evil && r.Target == "POST /v1/approvals/0123456789abcdef");
    }

    [Fact]
    public async Task TokenPassthrough_WhenAJwtSvidIsSentToTheEdge_IsRefusedAndOnRecord()
    {
        using var http = shared.Gateway.Http("nobody");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", shared.Gateway.Authority.IssueJwt(SpiffeId.Parse(Evil), ["castellan"]));

        using var answer = await http.GetAsync("/v1/approvals");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await shared.FindAsync(r => r.Principal == "unauthenticated" && r.Target == "GET /v1/approvals" && Reason(r).Contains("not valid", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Edge_WhenAUserAsksForWhatRbacDoesNotGive_IsRefusedAndOnRecordByName()
    {
        using var http = shared.Gateway.Http("mallory");

        using var answer = await http.GetAsync("/v1/audit");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        await shared.FindAsync(r => r.Principal == "mallory" && r.Target == "GET /v1/audit");
    }

    [Fact]
    public async Task Report_WhenAToolServerRefusedAPeer_IsOnRecordAndAnAgentCannotForgeOne()
    {
        var report = new RefusedPeerReport([new(Evil, "127.64.0.9", "only the gateway may connect here", 3)]);
        using (var tools = Client("ops", "tools"))
        {
            using var taken = await tools.PostAsJsonAsync(RefusedPeerReport.Path, report);
            Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        }

        var record = await shared.FindAsync(r => r.Principal == Evil && r.Server == "tool server: ops");
        Assert.Equal("only the gateway may connect here (3 times)", Reason(record));
        Assert.Equal("spiffe://castellan.local/ns/default/sa/tools-ops", (string?)record.Record["where"]!["component"]);

        using var agent = Client("evil");
        using var refused = await agent.PostAsJsonAsync(RefusedPeerReport.Path, report);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
    }

    private HttpClient Client(string name, string prefix = "agent") => shared.Client($"{prefix}-{name}");

    private static string Reason(AuditEntry entry) => (string?)entry.Record["why"]?["reason"] ?? "";

    /// <summary>One gateway for the class.</summary>
    public sealed class World : IAsyncLifetime
    {
        private readonly List<IAsyncDisposable> _identities = [];

        internal GatewayWorld Gateway { get; private set; } = null!;

        public async Task InitializeAsync() => Gateway = await GatewayWorld.StartAsync();

        public async Task DisposeAsync()
        {
            foreach (var identity in _identities)
            {
                await identity.DisposeAsync();
            }

            await Gateway.DisposeAsync();
        }

        internal HttpClient Client(string account)
        {
            var source = new AuthorityX509Source(Gateway.Authority, SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", account));
            _identities.Add(source);
            return new(SpiffeTls.CreateHandler(source, SpiffeAuthorizer.Exactly(GatewayWorld.GatewayId))) { BaseAddress = Gateway.Workload, Timeout = TimeSpan.FromSeconds(60) };
        }

        // Written before the answer, so it is there.
        internal async Task<AuditEntry> FindAsync(Predicate<AuditEntry> wanted)
        {
            var entries = await Gateway.You().ListAuditAsync(new AuditFilter { Limit = 1000, Newest = true }, default);
            return entries.LastOrDefault(e => e.Kind == "access" && wanted(e))
                ?? throw new Xunit.Sdk.XunitException($"no such record among{Environment.NewLine}{string.Join(Environment.NewLine, entries.Where(e => e.Kind == "access").Select(e => e.Record.ToJsonString()))}");
        }
    }
}
