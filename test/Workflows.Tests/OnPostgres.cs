using Castellan.Workflows.Tests.Model;
using Castellan.Workflows.Tests.Sidecar;

namespace Castellan.Workflows.Tests;

// The same tests once more, with the store on PostgreSQL.
public sealed class WaitingTestsOnPostgres : WaitingTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class LifecycleTestsOnPostgres : LifecycleTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class OrchestrationTestsOnPostgres : OrchestrationTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class ClaimedActivityTestsOnPostgres : ClaimedActivityTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class RerunTestsOnPostgres : RerunTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class CommitTestsOnPostgres : CommitTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class PurgeTestsOnPostgres : PurgeTests
{
    protected override Backend Backend => Backend.Postgres;
}

public sealed class PayloadTestsOnPostgres : PayloadTests
{
    protected override Backend Backend => Backend.Postgres;
}
