using Castellan.Storage.Postgres;

namespace Castellan.Storage;

/// <summary>Which database product holds a store.</summary>
public enum StoreKind
{
    /// <summary>A file on this machine, for one process.</summary>
    Sqlite,

    /// <summary>A PostgreSQL database that several processes may share.</summary>
    Postgres,
}

/// <summary>
/// Where a store lies: a file, or a PostgreSQL database. Its text form is <c>sqlite:FILE</c> or <c>postgres:CONNECTION</c>; a password in the
/// connection is never shown again.
/// </summary>
/// <example><code>StoreLocation.Parse("postgres://castellan@db.example/castellan").ToString(); // postgres:Host=db.example;Database=castellan;Username=castellan</code></example>
public sealed class StoreLocation
{
    /// <summary>The environment variable that <c>postgres:</c> without more reads the connection from.</summary>
    public const string PostgresVariable = "CASTELLAN_POSTGRES";

    private const string SqlitePrefix = "sqlite:";
    private const string PostgresPrefix = "postgres:";
    private const string PostgresUriPrefix = "postgresql:";

    private readonly string? _path;
    private readonly PostgresAddress? _address;

    private StoreLocation(string? path, PostgresAddress? address)
    {
        _path = path;
        _address = address;
    }

    /// <summary>Which product holds it.</summary>
    public StoreKind Kind => _address is null ? StoreKind.Sqlite : StoreKind.Postgres;

    /// <summary>The database file.</summary>
    /// <exception cref="InvalidOperationException">The store is no file.</exception>
    public string Path => _path ?? throw new InvalidOperationException($"the store {this} is no file");

    internal PostgresAddress Address => _address ?? throw new InvalidOperationException($"the store {this} is no PostgreSQL database");

    /// <summary>A database file. Its folder is created (mode 0700) when missing; the file gets mode 0600.</summary>
    public static StoreLocation Sqlite(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new(path, null);
    }

    /// <summary>A PostgreSQL database.</summary>
    /// <param name="connection">Keywords of Npgsql (<c>Host=…;Database=…</c>) or a URI (<c>//user@host/database</c>).</param>
    /// <exception cref="StoreLocationException">The connection cannot be understood.</exception>
    public static StoreLocation Postgres(string connection) => new(null, PostgresAddress.Parse(connection));

    /// <summary>Reads the text form.</summary>
    /// <param name="text">
    /// <c>sqlite:FILE</c>; <c>postgres:CONNECTION</c>, <c>postgres://user@host/database</c>, <c>postgres:@FILE</c> (the connection stands in that
    /// file), or <c>postgres:</c> (in the environment variable <see cref="PostgresVariable"/>): the last two keep a password off the command line.
    /// </param>
    /// <param name="environment">Reads an environment variable; <see langword="null"/>: this process's.</param>
    /// <exception cref="StoreLocationException">The text names no store.</exception>
    public static StoreLocation Parse(string text, Func<string, string?>? environment = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith(SqlitePrefix, StringComparison.OrdinalIgnoreCase))
        {
            var path = text[SqlitePrefix.Length..];
            return path.Length > 0 && !path.Contains('\0', StringComparison.Ordinal)
                ? Sqlite(path)
                : throw new StoreLocationException("the store 'sqlite:' names no file; write sqlite:FILE");
        }

        foreach (var prefix in (string[])[PostgresPrefix, PostgresUriPrefix])
        {
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            {
                return Postgres(Connection(text[prefix.Length..], environment ?? Environment.GetEnvironmentVariable));
            }
        }

        // The text is not repeated: it may hold a password.
        throw new StoreLocationException("the store begins with neither 'sqlite:' nor 'postgres:'; write sqlite:FILE or postgres:CONNECTION");
    }

    private static string Connection(string given, Func<string, string?> environment)
    {
        var text = given.Trim();
        if (text.Length == 0)
        {
            text = environment(PostgresVariable)?.Trim() is { Length: > 0 } value
                ? value
                : throw new StoreLocationException($"'postgres:' takes the connection from {PostgresVariable}, which is not set; set it, or write postgres:CONNECTION");
        }

        if (text.StartsWith('@'))
        {
            text = Read(text[1..]);
        }

        return text.StartsWith(PostgresPrefix, StringComparison.OrdinalIgnoreCase) ? text[PostgresPrefix.Length..]
            : text.StartsWith(PostgresUriPrefix, StringComparison.OrdinalIgnoreCase) ? text[PostgresUriPrefix.Length..] : text;
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StoreLocationException($"the file '{file}' with the store's connection cannot be read: {e.Message}; check its path and owner", e);
        }
    }

    /// <summary>The text form, without password.</summary>
    public override string ToString() => _path is not null ? SqlitePrefix + _path : PostgresPrefix + _address;
}
