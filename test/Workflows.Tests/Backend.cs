namespace Castellan.Workflows.Tests;

/// <summary>Where a test's store lies.</summary>
public enum Backend
{
    Sqlite,
    Postgres,
}
