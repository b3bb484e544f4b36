namespace Castellan.SpiffeIdentity.Tests.Tls;

public sealed class SpiffeAuthorizerTests
{
    private const string Web = "spiffe://castellan.local/ns/default/sa/web";
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

    [Theory]
    [InlineData(Web, Web, true)]
    [InlineData(Web, "spiffe://castellan.local/ns/default/sa/other", false)]
    [InlineData("spiffe://castellan.local/ns/default/sa/*", Web, true)]
    [InlineData("spiffe://castellan.local/ns/default/sa/*", "spiffe://castellan.local/ns/default2/sa/web", false)]
    [InlineData("spiffe://castellan.local/ns/default/sa/*", "spiffe://partner.example/ns/default/sa/web", false)]
    [InlineData("spiffe://castellan.local", Web, true)]
    [InlineData("spiffe://castellan.local", "spiffe://castellan.local.example/ns/default/sa/web", false)]
    public void Parse_WhenItIsARule_AllowsByIt(string rule, string peer, bool allows)
    {
        Assert.Equal(allows, SpiffeAuthorizer.Parse(rule).Allows(SpiffeId.Parse(peer)));
        Assert.True(SpiffeAuthorizer.AnyOf(SpiffeAuthorizer.Parse(rule), SpiffeAuthorizer.Exactly(SpiffeId.Parse(peer))).Allows(SpiffeId.Parse(peer)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("spiffe://*")]
    [InlineData("spiffe://castellan.local/*")]
    [InlineData("spiffe://castellan.local/ns/*/sa/web")]
    [InlineData("spiffe://castellan.local/ns/*/sa/*")]
    [InlineData("spiffe://castellan.local/sa/*")]
    [InlineData("spiffe://castellan.local/ns/a/b/sa/*")]
    [InlineData("castellan.local")]
    public void Parse_WhenItIsNone_SaysWhatToWrite(string rule) => Assert.Contains("write", Assert.Throws<FormatException>(() => SpiffeAuthorizer.Parse(rule)).Message);
}
