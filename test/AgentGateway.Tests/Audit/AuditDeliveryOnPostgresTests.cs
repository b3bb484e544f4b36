using Castellan.Storage;
using Castellan.Testing;

namespace Castellan.AgentGateway.Tests.Audit;

/// <summary>The same tests with the log on PostgreSQL.</summary>
public sealed class AuditDeliveryOnPostgresTests : AuditDeliveryTests
{
    private protected override async Task<StoreLocation> LocateAsync() => StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync());
}
