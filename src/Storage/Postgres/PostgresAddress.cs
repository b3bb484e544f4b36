using System.Data.Common;
using System.Net;
using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>A PostgreSQL connection with the settings that the store relies on. Its text shows no password.</summary>
internal sealed class PostgresAddress
{
    private readonly string _connection;

    private PostgresAddress(NpgsqlConnectionStringBuilder builder)
    {
        _connection = builder.ConnectionString;
        Database = builder.Database!;
        User = builder.Username ?? Environment.UserName;
        Server = IsSocket(builder.Host!) ? builder.Host! : $"{builder.Host}:{builder.Port}";
        Shown = $"Host={builder.Host};{(builder.Port == NpgsqlConnection.DefaultPort ? "" : $"Port={builder.Port};")}Database={Database};Username={User}";
    }

    public string Database { get; }

    public string User { get; }

    /// <summary>Host and port, or the folder of the socket.</summary>
    public string Server { get; }

    private string Shown { get; }

    public NpgsqlConnection Connect() => new(_connection);

    /// <exception cref="StoreLocationException">It cannot be understood. The message repeats no value: one may be a password.</exception>
    public static PostgresAddress Parse(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder();
        try
        {
            if (text.StartsWith("//", StringComparison.Ordinal))
            {
                PostgresUri.Read(text, builder);
            }
            else
            {
                builder.ConnectionString = text;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or UriFormatException or InvalidOperationException or OverflowException or KeyNotFoundException)
        {
            throw new StoreLocationException(
                $"the PostgreSQL connection cannot be understood{FaultyKeyword(e)}; write keywords (Host=…;Database=…;Username=…) or a URI (postgres://user@host/database)");
        }

        if (string.IsNullOrEmpty(builder.Host) || string.IsNullOrEmpty(builder.Database))
        {
            throw new StoreLocationException($"the PostgreSQL connection has no {(string.IsNullOrEmpty(builder.Host) ? "Host" : "Database")}; add it: Host=…;Database=…");
        }

        Complete(builder);
        return new(builder);
    }

    private static string FaultyKeyword(Exception error) => error is ArgumentException { ParamName: { Length: > 0 } name } && IsKeyword(name) ? $" at '{name}'" : "";

    private static bool IsKeyword(string name) => new NpgsqlConnectionStringBuilder().ContainsKey(name);

    private static void Complete(NpgsqlConnectionStringBuilder builder)
    {
        // Named by the user, or what is safe: nothing crosses a network in the clear or to a stranger unless somebody wrote so.
        if (!Names(builder, "SSL Mode"))
        {
            builder.SslMode = IsLocal(builder.Host!) ? SslMode.Prefer : SslMode.VerifyFull;
        }

        builder.Pooling = false; // the store keeps its own connections
        builder.Multiplexing = false;
        builder.Enlist = false;
        builder.PersistSecurityInfo = false;
        builder.IncludeErrorDetail = false; // details repeat values of rows
        builder.IncludeFailedBatchedCommand = true; // tells whose statement it was
        builder.TcpKeepAlive = true;
        builder.MaxAutoPrepare = Math.Max(builder.MaxAutoPrepare, 256);
        builder.AutoPrepareMinUsages = 2;
        builder.ApplicationName ??= "castellan";
    }

    private static bool Names(DbConnectionStringBuilder builder, string keyword) => builder.Keys.Cast<string>().Contains(keyword, StringComparer.OrdinalIgnoreCase);

    private static bool IsSocket(string host) => host.StartsWith('/') || host.StartsWith('@');

    private static bool IsLocal(string host) =>
        IsSocket(host) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    public override string ToString() => Shown;
}
