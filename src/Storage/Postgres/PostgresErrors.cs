using System.Net.Sockets;
using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>Turns PostgreSQL's errors into the exceptions a caller can decide on. Source: PostgreSQL documentation, appendix A (SQLSTATE).</summary>
internal static class PostgresErrors
{
    public static StoreException From(Exception error, PostgresAddress address, string what) => error switch
    {
        StoreException known => known,
        PostgresException refused => From(refused, address, what),
        NpgsqlOperationInProgressException => new StoreException($"a statement was run inside the mapping delegate of another; read its rows first: {what}", error),
        NpgsqlException { InnerException: SocketException or IOException or TimeoutException } lost => Unreachable(address, lost.InnerException!.Message, error),
        NpgsqlException or TimeoutException or SocketException or IOException or InvalidOperationException => Unreachable(address, error.Message, error),
        _ => new StoreException($"the database '{address.Database}' on {address.Server} could not be used: {error.Message}; check the connection's keywords", error),
    };

    public static StoreUnavailableException Unreachable(PostgresAddress address, string reason, Exception? inner) => new(
        $"the PostgreSQL server at {address.Server} cannot be used now: {reason}; check that it runs and that this machine reaches it, then try again", inner);

    private static StoreException From(PostgresException error, PostgresAddress address, string what) => error.SqlState switch
    {
        "CF001" => new StoreFencedException(error.MessageText, error),
        "28P01" or "28000" => new StoreException(
            $"the PostgreSQL server at {address.Server} refused the user '{address.User}': {error.MessageText}; check the password and pg_hba.conf", error),
        "3D000" => new StoreException(
            $"there is no database '{address.Database}' on {address.Server}; create it: createdb --owner={address.User} {address.Database}", error),
        "42501" => new StoreException(
            $"the user '{address.User}' may not do this in the database '{address.Database}': {error.MessageText}; make it the owner of the database, or grant it the schema: "
            + $"grant all on schema public to {address.User}", error),
        "53100" => new StoreUnavailableException($"the database '{address.Database}' cannot grow: {error.MessageText}; free disk space on {address.Server}, then try again", error),
        { } state when state.StartsWith("23", StringComparison.Ordinal) => new StoreConflictException($"{error.MessageText} ({what})"),
        "40001" or "40P01" or "55P03" or "57014" => new StoreUnavailableException($"the database gave way to another transaction: {error.MessageText}; try again", error),
        { } state when IsOutage(state) => Unreachable(address, error.MessageText, error),
        "XX001" or "XX002" => new StoreCorruptedException(
            $"the database '{address.Database}' on {address.Server} is damaged: {error.MessageText}; stop the processes that use it and restore a backup", error),
        _ => new StoreException($"{error.MessageText} (SQLSTATE {error.SqlState}): {what}", error),
    };

    // Connection exceptions, insufficient resources, operator intervention, system errors.
    private static bool IsOutage(string state) => state[..2] is "08" or "53" or "57" or "58";
}
