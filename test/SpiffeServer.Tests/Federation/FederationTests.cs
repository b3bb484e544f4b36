using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Tests.Federation;

public sealed class FederationTests(FederationWorld world) : IClassFixture<FederationWorld>
{
    [Fact]
    public async Task Federate_WhenTheEndpointProvesItself_BelievesItsIdentitiesAndNoOthers()
    {
        await using var partner = await world.PartnerAsync("spiffe.partner");
        var resource = await world.FederateAsync(partner);
        var status = await world.ReasonAsync(resource, "Fetched");
        Assert.Equal((partner.Authority.Bundle.Sequence, 300), (status.Sequence, status.RefreshSeconds));
        Assert.False(Conditions.IsTrue(status.Conditions, ApiGroup.StaleCondition));

        await using var ours = new AuthorityX509Source(world.Ours.Authority, SpiffeId.Parse("spiffe://castellan.local/web"));
        var theirs = partner.Authority.IssueX509(SpiffeId.Parse("spiffe://spiffe.partner/db"));
        Assert.Equal(theirs.Id, X509SvidVerifier.Verify(theirs.Chain, ours.Current.Bundles, world.Clock.GetUtcNow()));

        // The other way: they believe us by the bundle that our endpoint serves, and mutual TLS stands on both.
        partner.Authority.Federation.Put(TrustBundle.Parse(world.Ours.Authority.TrustDomain, world.Ours.Authority.Bundle.Export()));
        await using var partners = new AuthorityX509Source(partner.Authority, theirs.Id);
        Assert.Equal(ours.Current.Svid.Id, X509SvidVerifier.Verify(ours.Current.Svid.Chain, partners.Current.Bundles, world.Clock.GetUtcNow()));

        var rotated = world.StatusAsync(resource, s => s.Sequence > status.Sequence);
        await partner.Authority.RotateSigningCaAsync(default);
        await world.AdvanceUntilAsync(rotated);
        Assert.Equal(partner.Authority.Bundle.Export(), world.Ours.Authority.Federation.Find(partner.Authority.TrustDomain)!.Export());

        // Down: what was fetched stays in force, also over a restart, and the status says that it is old.
        await partner.DisposeAsync();
        var stale = await world.AdvanceUntilAsync(world.ReasonAsync(resource, "EndpointUnreachable"));
        Assert.True(Conditions.IsTrue(stale.Conditions, ApiGroup.StaleCondition));
        Assert.Equal((await rotated).Sequence, stale.Sequence);
        await world.RestartOursAsync();
        Assert.NotNull(world.Ours.Authority.Federation.Find(theirs.Id.TrustDomain));

        var gone = new TaskCompletionSource();
        using var registration = world.Ours.Authority.Federation.ChangeToken.RegisterChangeCallback(_ => gone.TrySetResult(), null);
        await world.ReasonAsync(resource, "EndpointUnreachable");
        await world.DeleteAsync(resource);
        await gone.Task.WaitAsync(world.Patience);
        Assert.Null(world.Ours.Authority.Federation.Find(theirs.Id.TrustDomain));
    }

    [Fact]
    public async Task Federate_WhenTheEndpointIsOfTheWebPki_ChecksItsHostName()
    {
        await using var partner = await world.PartnerAsync("web.partner", isWeb: true);
        var resource = await world.FederateAsync(partner, Web);
        await world.ReasonAsync(resource, "Fetched");

        var url = new UriBuilder(partner.BundleEndpointAddress!) { Host = "localhost" }.Uri; // the certificate is for 127.0.0.1
        await using var other = await world.PartnerAsync("web2.partner", isWeb: true);
        await world.ReasonAsync(await world.FederateAsync(other, Web, url), "EndpointRefused");
    }

    [Fact]
    public async Task Federate_WhenTheEndpointProvesAnotherIdentity_IsRefused()
    {
        await using var partner = await world.PartnerAsync("wrong-id.partner");
        var resource = await world.FederateAsync(partner, s => s.EndpointSpiffeId = "spiffe://wrong-id.partner/other");
        var status = await world.ReasonAsync(resource, "EndpointRefused");
        Assert.Equal("NothingHeld", Conditions.Find(status.Conditions, ApiGroup.StaleCondition)!.Reason);
        Assert.Null(world.Ours.Authority.Federation.Find(partner.Authority.TrustDomain));
    }

    [Fact]
    public async Task Federate_WhenTheBundleIsAnotherTrustDomains_IsRefused()
    {
        await using var partner = await world.PartnerAsync("honest.partner", isWeb: true);
        await world.ReasonAsync(await world.FederateAsync(partner, s => { Web(s); s.TrustDomain = "claimed.partner"; }), nameof(FederatedBundleFault.OtherTrustDomain));
        await world.ReasonAsync(await world.FederateAsync(partner, s => { Web(s); s.TrustDomain = "castellan.local"; }), nameof(FederatedBundleFault.OwnTrustDomain));
    }

    [Fact]
    public async Task Federate_WhenTheFirstBundleIsMissing_SaysSo()
    {
        await using var partner = await world.PartnerAsync("first.partner");
        await world.ReasonAsync(await world.FederateAsync(partner, s => s.TrustDomainBundle = null), "NoFirstBundle");
        await world.ReasonAsync(await world.FederateAsync(partner, s => { s.TrustDomain = "second.partner"; s.EndpointSpiffeId = null; }), "SpecInvalid");
    }

    private static void Web(FederatedTrustDomainSpec spec) =>
        (spec.Profile, spec.EndpointSpiffeId, spec.TrustDomainBundle) = (BundleEndpointProfile.HttpsWeb, null, null);
}
