using Npgsql;

namespace Castellan.Storage.Postgres;

/// <summary>The URI form of a connection. Source: PostgreSQL documentation, 34.1.1.2 Connection URIs (one host).</summary>
internal static class PostgresUri
{
    private static readonly Dictionary<string, string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["application_name"] = "Application Name",
        ["connect_timeout"] = "Timeout",
        ["options"] = "Options",
        ["host"] = "Host",
        ["port"] = "Port",
        ["dbname"] = "Database",
        ["user"] = "Username",
        ["password"] = "Password",
        ["passfile"] = "Passfile",
    };

    /// <param name="text">Begins with <c>//</c>.</param>
    /// <param name="into">Gets what the URI says.</param>
    /// <exception cref="FormatException">It is no such URI.</exception>
    public static void Read(string text, NpgsqlConnectionStringBuilder into)
    {
        var (rest, query) = Cut(text[2..], '?');
        var (authority, database) = Cut(rest, '/');
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var (user, password) = Cut(authority[..at], ':');
            into.Username = Decode(user);
            if (password is not null)
            {
                into.Password = Decode(password);
            }
        }

        ReadHost(authority[(at + 1)..], into);
        if (!string.IsNullOrEmpty(database))
        {
            into.Database = Decode(database);
        }

        foreach (var part in (query ?? "").Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (key, value) = Cut(part, '=');
            into[Keywords.TryGetValue(Decode(key), out var keyword) ? keyword : throw new FormatException()] = Value(keyword, Decode(value ?? ""));
        }
    }

    private static void ReadHost(string text, NpgsqlConnectionStringBuilder into)
    {
        var end = text.StartsWith('[') ? text.IndexOf(']') : -1; // an IPv6 address
        var (host, port) = end > 0 ? (text[1..end], text[(end + 1)..] is [':', .. var digits] ? digits : null) : Cut(text, ':');
        if (host.Contains(',', StringComparison.Ordinal))
        {
            throw new FormatException();
        }

        if (host.Length > 0)
        {
            into.Host = Decode(host);
        }

        if (!string.IsNullOrEmpty(port))
        {
            into.Port = ushort.Parse(port, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    // libpq writes verify-full where Npgsql reads VerifyFull.
    private static string Value(string keyword, string value) => keyword == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;

    private static (string First, string? After) Cut(string text, char separator) =>
        text.IndexOf(separator) is >= 0 and var at ? (text[..at], text[(at + 1)..]) : (text, null);

    private static string Decode(string text) => Uri.UnescapeDataString(text);
}
