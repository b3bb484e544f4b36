namespace Castellan.SpiffeIdentity.Tests.Authorities;

public sealed class CaLifetimeTests
{
    [Fact]
    public void Moments_OfOneDay_AreHalfLifeAndASixthBeforeTheEnd()
    {
        var start = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var lifetime = new CaLifetime(start, start.AddHours(24));
        Assert.Equal((start.AddHours(12), start.AddHours(20)), (lifetime.PrepareNextAt, lifetime.ActivateNextAt));
    }
}
