using Castellan.Storage;
using Castellan.Testing;

namespace Castellan.Audit.Tests.Transparency;

/// <summary>The same tests with the log on PostgreSQL.</summary>
public sealed class LogRetentionOnPostgresTests : LogRetentionTests
{
    protected override async Task<StoreLocation> LocateAsync() => StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
}
