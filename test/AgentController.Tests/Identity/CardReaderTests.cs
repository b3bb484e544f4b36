using System.Net;
using System.Text.Json.Nodes;
using Castellan.AgentApi;
using Castellan.AgentController.Identity;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Cards;
using Castellan.ServiceDefaults.Identity;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentController.Tests.Identity;

/// <summary>What the controller takes as proof that a pod is the agent: that agent's own card, over that agent's own connection.</summary>
public sealed class CardReaderTests : IAsyncLifetime
{
    private static readonly SpiffeId s_triage = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/agent-triage");
    private static readonly SpiffeId s_other = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/agent-other");
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private Authority _authority = null!;

    public async Task InitializeAsync() => _authority = await Authority.OpenAsync(new() { TrustDomain = s_triage.TrustDomain }, default);

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Read_WhenTheAgentSignedItsCard_GivesIdExpiryAndTrustDomain()
    {
        var plan = await PlanAsync(s_triage, svid => AgentCards.Sign(Card(), svid));

        Assert.Equal((ConditionStatus.True, "CardVerified"), (plan.Ready.Status, plan.Ready.Reason));
        Assert.Equal((s_triage.ToString(), "castellan.local", "triage-0"), (plan.Identity!.SpiffeId, plan.Identity.TrustDomain, plan.Identity.Pod));
        Assert.InRange(plan.Identity.ExpiresAt, _now.UtcDateTime.AddMinutes(59), _now.UtcDateTime.AddMinutes(61));
        Assert.InRange(plan.LookAgain!.Value, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30));
    }

    [Theory]
    [InlineData("signed by another agent", "CardOfAnother", "signed by spiffe://castellan.local/ns/default/sa/agent-other")]
    [InlineData("signed by another authority", "CardNotBelieved", "vouches for")]
    [InlineData("changed after it was signed", "CardNotBelieved", "the signature is wrong")]
    [InlineData("unsigned", "CardUnsigned", "no member signatures")]
    [InlineData("signatures are no list", "CardUnsigned", "no member signatures")]
    [InlineData("no JSON", "CardUnreachable", "castellan identity show")]
    public async Task Read_WhenTheCardProvesNothing_SaysWhy(string attack, string reason, string said)
    {
        using var stranger = await Authority.OpenAsync(new() { TrustDomain = s_triage.TrustDomain }, default);
        var plan = await PlanAsync(s_triage, svid => attack switch
        {
            "signed by another agent" => AgentCards.Sign(Card(), _authority.IssueX509(s_other)),
            "signed by another authority" => AgentCards.Sign(Card(), stranger.IssueX509(s_triage)),
            "changed after it was signed" => Changed(AgentCards.Sign(Card(), svid)),
            "unsigned" => Card(),
            "signatures are no list" => new JsonObject { ["signatures"] = "x" },
            _ => JsonValue.Create("x"),
        });

        Assert.Equal((ConditionStatus.False, reason), (plan.Ready.Status, plan.Ready.Reason));
        Assert.Contains(said, plan.Ready.Message, StringComparison.Ordinal);
        Assert.Null(plan.Identity);
    }

    [Fact]
    public async Task Read_WhenAnotherAgentAnswers_IsRefusedInTheHandshake()
    {
        var plan = await PlanAsync(s_other, svid => AgentCards.Sign(Card(), svid));

        Assert.Equal("CardUnreachable", plan.Ready.Reason);
    }

    [Fact]
    public void PodToAsk_IsTheNewestThatIsReady()
    {
        Assert.Null(IdentityPlan.PodToAsk([Pod(ready: false)]));
        Assert.Equal("triage-0", IdentityPlan.PodToAsk([Pod(ready: false), Pod()])!.Metadata.Name);
        Assert.Equal("False", IdentityPlan.WithoutPod.Ready.Status.ToString());
        Assert.Equal("Unknown", IdentityPlan.WithoutOwnIdentity.Ready.Status.ToString());
    }

    private static JsonObject Card() => new() { ["name"] = "triage", ["version"] = "1", ["skills"] = new JsonArray() };

    private static JsonObject Changed(JsonObject card)
    {
        card["name"] = "root";
        return card;
    }

    private static Pod Pod(bool ready = true) => new()
    {
        Metadata = new ObjectMeta { Name = "triage-0", Namespace = "default", CreationTimestamp = DateTime.UnixEpoch },
        Spec = new PodSpec { Containers = [] },
        Status = new PodStatus { PodIP = "127.0.0.1", Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] },
    };

    private async Task<IdentityPlan> PlanAsync(SpiffeId server, Func<X509Svid, JsonNode?> card)
    {
        await using var own = new AuthorityX509Source(_authority, server);
        await using var controller = new AuthorityX509Source(_authority, SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/controller"));
        var builder = ServiceHost.CreateBuilder();
        builder.AddWorkloadIdentity(own).ListenMtls(IPAddress.Loopback, 0, SpiffeAuthorizer.InTrustDomain(server.TrustDomain));
        await using var app = builder.Build();
        app.MapGet(AgentCards.Path, () => Results.Text(card(own.Current.Svid)?.ToJsonString() ?? "", "application/json"));
        await app.StartAsync();
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        var seen = await new CardReader(controller, TimeProvider.System, port).ReadAsync(Pod(), s_triage, default);
        return IdentityPlan.From(s_triage, seen, _now);
    }
}
