using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Castellan.Storage.Sqlite;

/// <summary>Binds the provider to the system's SQLite, which the distribution keeps patched, instead of a bundled copy.</summary>
internal static class SqliteLibrary
{
    public const string PathVariable = "CASTELLAN_SQLITE";
    private const int OldestVersion = 3035000; // RETURNING

    private static readonly string[] SystemNames = ["libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib"];
    private static readonly Lock Gate = new();
    private static bool _loaded;

    /// <exception cref="SqliteLibraryException">None can be loaded, or it is too old.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (_loaded)
            {
                return;
            }

            var handle = Find(Environment.GetEnvironmentVariable(PathVariable));
            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly,
                (name, _, _) => name == "e_sqlite3" ? handle : IntPtr.Zero);
            raw.SetProvider(new SQLite3Provider_e_sqlite3());
            var version = raw.sqlite3_libversion_number();
            if (version < OldestVersion)
            {
                throw new SqliteLibraryException(
                    $"the system's SQLite is {raw.sqlite3_libversion().utf8_to_string()}, older than 3.35; upgrade it, or set {PathVariable} to a newer library");
            }

            _loaded = true;
        }
    }

    internal static IntPtr Find(string? configured)
    {
        string[] names = string.IsNullOrEmpty(configured) ? SystemNames : [configured];
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, Assembly.GetExecutingAssembly(), null, out var handle))
            {
                return handle;
            }
        }

        throw new SqliteLibraryException(
            $"cannot load SQLite from {string.Join(", ", names.Select(name => $"'{name}'"))}; install it (Debian: apt-get install libsqlite3-0, "
            + $"Fedora: dnf install sqlite-libs), or set {PathVariable} to the library's path");
    }
}
