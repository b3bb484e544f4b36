namespace Castellan.SpiffeIdentity.Tests.Bundles;

public sealed class FederatedBundleCheckTests : IAsyncLifetime
{
    private Authority _own = null!;
    private Authority _partner = null!;

    public async Task InitializeAsync()
    {
        _own = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("castellan.local") }, default);
        _partner = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("partner.example") }, default);
    }

    public Task DisposeAsync()
    {
        _own.Dispose();
        _partner.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public void Check_WhenNewer_Passes()
    {
        var bundle = _partner.Bundle with { Sequence = 7 };
        FederatedBundleCheck.Check(bundle, null, _own.Bundle);
        FederatedBundleCheck.Check(bundle, _partner.Bundle with { Sequence = 7 }, _own.Bundle);
        FederatedBundleCheck.Check(bundle, _partner.Bundle with { Sequence = 6 }, _own.Bundle);
        FederatedBundleCheck.Check(bundle, _partner.Bundle with { Sequence = null }, _own.Bundle);
        FederatedBundleCheck.Check(new(_partner.TrustDomain, [], []), null, _own.Bundle); // all revoked
    }

    [Theory]
    [InlineData(6L)]
    [InlineData(null)]
    public void Check_WhenTheSequenceWentBack_Refuses(long? sequence) => AssertRefused(
        FederatedBundleFault.SequenceWentBack, _partner.Bundle with { Sequence = sequence }, _partner.Bundle with { Sequence = 7 });

    [Fact]
    public void Check_WhenItIsOurs_Refuses()
    {
        AssertRefused(FederatedBundleFault.OwnTrustDomain, _own.Bundle);
        AssertRefused(FederatedBundleFault.OwnKeys, _own.Bundle with { TrustDomain = _partner.TrustDomain });
    }

    [Fact]
    public void Check_WhenACaNamesAnotherTrustDomain_Refuses() =>
        AssertRefused(FederatedBundleFault.OtherTrustDomain, _partner.Bundle with { TrustDomain = TrustDomain.Parse("third.example") });

    private void AssertRefused(FederatedBundleFault fault, TrustBundle fetched, TrustBundle? held = null) =>
        Assert.Equal(fault, Assert.Throws<FederatedBundleException>(() => FederatedBundleCheck.Check(fetched, held, _own.Bundle)).Fault);
}
