using Castellan.Storage;
using Castellan.Testing;

namespace Castellan.Workflows.Tests.Crashes;

/// <summary>kill -9 between a claim and its outcome.</summary>
public sealed class ClaimKillTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.Postgres)]
    public async Task Effect_WhenItsProcessIsKilledInTheMiddle_IsUnknownAndNotRepeated(StoreKind kind)
    {
        await File.WriteAllTextAsync(_folder.File(ClaimRole.Location), kind == StoreKind.Sqlite
            ? $"sqlite:{_folder.File("store.db")}"
            : "postgres:" + await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
        await using var process = ChildProcess.Start(typeof(ClaimRole).Assembly, "claim", _folder.Path);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        Assert.Equal(ClaimRole.Performing, await process.ReadAsync(limit.Token));
        await process.KillAsync();
        Assert.Equal("unknown", await process.ReadAsync(limit.Token));
        await process.EndAsync();
        Assert.Equal(["lamp"], await File.ReadAllLinesAsync(_folder.File(ClaimRole.Effects)));
        await using var store = await ClaimRole.OpenAsync(_folder.Path);
        Assert.Equal(1, await store.ReadAsync(view => view.First("select count(*) from effect_claim where ended_at is null", row => row.GetInt64(0)), CancellationToken.None));
    }
}
