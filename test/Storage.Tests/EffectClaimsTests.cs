using Castellan.Storage.Claims;
using Castellan.Testing;

namespace Castellan.Storage.Tests;

/// <summary>What a claim may become, on either product.</summary>
public sealed class EffectClaimsTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Claim_WhenTaken_IsOpenUntilItEndsAndIsTakenOnce(StoreKind kind)
    {
        await using var store = await OpenAsync(kind);
        Assert.Equal((ClaimState.Claimed, 1), await StateAsync(store, unit => EffectClaims.TryClaim(unit, "c", "d", Noon)));
        Assert.Equal((ClaimState.Open, 1), await StateAsync(store, unit => EffectClaims.TryClaim(unit, "c", "d", Noon)));
        Assert.Equal((ClaimState.Conflict, 0), await StateAsync(store, unit => EffectClaims.TryClaim(unit, "c", "other", Noon)));
        Assert.Equal((ClaimState.Claimed, 2), await StateAsync(store, unit => EffectClaims.Renew(unit, "c", 1, Noon)));
        Assert.Equal((ClaimState.Open, 2), await StateAsync(store, unit => EffectClaims.Renew(unit, "c", 1, Noon)));
        Assert.True(await store.WriteAsync(unit => EffectClaims.End(unit, "c", "first", Noon), default));
        Assert.False(await store.WriteAsync(unit => EffectClaims.End(unit, "c", "second", Noon), default));
        Assert.Equal((ClaimState.Ended, 2), await StateAsync(store, unit => EffectClaims.Renew(unit, "c", 2, Noon)));
        Assert.Equal(new EffectClaim(ClaimState.Ended, 2, Noon, "first"), await store.WriteAsync(unit => EffectClaims.TryClaim(unit, "c", "d", Noon), default));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task RemoveEnded_WhenOld_RemovesOnlyEndedOnes(StoreKind kind)
    {
        await using var store = await OpenAsync(kind);
        foreach (var key in (string[])["a", "b", "c"])
        {
            Assert.Equal((ClaimState.Claimed, 1), await StateAsync(store, unit => EffectClaims.TryClaim(unit, key, "d", Noon)));
        }

        await store.WriteAsync(unit =>
        {
            Assert.True(EffectClaims.End(unit, "a", "1", Noon.AddHours(1)));
            Assert.True(EffectClaims.End(unit, "b", null, Noon.AddHours(3)));
            Assert.Equal(1, EffectClaims.RemoveEnded(unit, Noon.AddHours(2), 10));
            Assert.Null(EffectClaims.Find(unit, "a", "d"));
            Assert.Equal(ClaimState.Ended, EffectClaims.Find(unit, "b", "d")!.Value.State);
            Assert.Equal(ClaimState.Open, EffectClaims.Find(unit, "c", "d")!.Value.State);
            Assert.True(EffectClaims.GiveBack(unit, "c"));
        }, default);
    }

    private static async Task<(ClaimState, int)> StateAsync(Store store, Func<IUnitOfWork, EffectClaim> claim)
    {
        var found = await store.WriteAsync(claim, default);
        return (found.State, found.Attempt);
    }

    private async Task<Store> OpenAsync(StoreKind kind) => await Store.OpenAsync(new()
    {
        Location = kind == StoreKind.Sqlite
            ? StoreLocation.Sqlite(_folder.File("claims.db"))
            : StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync()),
        Migrations = [EffectClaims.Schema],
    }, default);
}
