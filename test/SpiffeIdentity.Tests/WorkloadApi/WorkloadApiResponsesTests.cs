using Castellan.SpiffeIdentity.Wire;
using Google.Protobuf;

namespace Castellan.SpiffeIdentity.Tests.WorkloadApi;

/// <summary>What a client makes of answers that break the standard.</summary>
public sealed class WorkloadApiResponsesTests : IAsyncLifetime
{
    private Authority _authority = null!;

    public async Task InitializeAsync() => _authority = await Authority.OpenAsync(new() { TrustDomain = TestWorkloadApi.Domain }, default);

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Read_WhenRight_KeepsTheOrderAndTheFederatedBundles()
    {
        var response = new X509SVIDResponse { Svids = { Svid("/a"), Svid("/b") } };
        response.FederatedBundles["spiffe://partner.example"] = ByteString.CopyFrom(_authority.Bundle.X509.Export());
        var context = WorkloadApiResponses.Read(response);
        Assert.Equal(["/a", "/b"], context.Svids.Select(s => s.Id.Path));
        Assert.Single(context.Bundles.Find(TrustDomain.Parse("partner.example"))!.Authorities);
    }

    [Fact]
    public void Read_WhenSomethingRequiredIsMissing_NamesTheFault()
    {
        AssertFault(X509SvidFault.ChainEmpty, new());
        AssertFault(X509SvidFault.BundleMissing, new() { Svids = { Svid("/a", s => s.Bundle = ByteString.Empty) } });
        AssertFault(X509SvidFault.ChainEmpty, new() { Svids = { Svid("/a", s => s.X509Svid = ByteString.Empty) } });
        AssertFault(X509SvidFault.BadKey, new() { Svids = { Svid("/a", s => s.X509SvidKey = ByteString.Empty) } });
        AssertFault(X509SvidFault.BadSpiffeId, new() { Svids = { Svid("/a", s => s.SpiffeId = "") } });
        AssertFault(X509SvidFault.BadSpiffeId, new() { Svids = { Svid("/a", s => s.SpiffeId = "spiffe://castellan.local/b") } });
    }

    [Fact]
    public void Read_WhenAHintStandsTwice_TakesTheFirst()
    {
        var context = WorkloadApiResponses.Read(new() { Svids = { Svid("/a", s => s.Hint = "x"), Svid("/b", s => s.Hint = "x") } });
        Assert.Equal("/a", Assert.Single(context.Svids).Id.Path);
    }

    [Fact]
    public void Read_WhenAFederatedBundleIsOurs_NeverReplacesOurOwn()
    {
        var response = new X509SVIDResponse { Svids = { Svid("/a") } };
        response.FederatedBundles["spiffe://castellan.local"] = ByteString.Empty;
        Assert.Single(WorkloadApiResponses.Read(response).Bundles.Find(TestWorkloadApi.Domain)!.Authorities);
    }

    private X509SVID Svid(string path, Action<X509SVID>? change = null)
    {
        var issued = _authority.Issue(SpiffeId.FromPath(TestWorkloadApi.Domain, path), null, "");
        var svid = new X509SVID
        {
            SpiffeId = issued.Id.ToString(),
            X509Svid = ByteString.CopyFrom(issued.Chain),
            X509SvidKey = ByteString.CopyFrom(issued.Pkcs8),
            Bundle = ByteString.CopyFrom(_authority.Bundle.X509.Export()),
        };
        change?.Invoke(svid);
        return svid;
    }

    private static void AssertFault(X509SvidFault fault, X509SVIDResponse response) =>
        Assert.Equal(fault, Assert.Throws<X509SvidException>(() => WorkloadApiResponses.Read(response)).Fault);
}
