namespace Castellan.SpiffeIdentity.Tests.Tls;

public sealed class SpiffeAuthorizerTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");

    [Theory]
    [InlineData("spiffe://castellan.local/ns/default/sa/web", true, true, true)]
    [InlineData("spiffe://castellan.local/ns/default/sa/other", false, true, true)]
    [InlineData("spiffe://castellan.local/ns/default2/sa/web", false, false, true)]
    [InlineData("spiffe://castellan.local/ns/default/sa/web/more", false, false, true)]
    [InlineData("spiffe://partner.example/ns/default/sa/web", false, false, false)]
    public void Allows_ByRule(string peer, bool exactly, bool inNamespace, bool inTrustDomain)
    {
        var id = SpiffeId.Parse(peer);
        Assert.Equal(exactly, SpiffeAuthorizer.Exactly(SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web")).Allows(id));
        Assert.Equal(inNamespace, SpiffeAuthorizer.InNamespace(s_domain, "default").Allows(id));
        Assert.Equal(inTrustDomain, SpiffeAuthorizer.InTrustDomain(s_domain).Allows(id));
    }
}
