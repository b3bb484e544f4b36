using SQLitePCL;

namespace Castellan.Storage.Sqlite;

/// <summary>Turns SQLite's result codes into the exceptions a caller can decide on. Source: sqlite.org/rescode.html.</summary>
internal static class SqliteErrors
{
    public static StoreException From(int code, sqlite3? handle, string path, string what)
    {
        var text = handle is null ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(handle).utf8_to_string();
        return (code & 0xff) switch
        {
            raw.SQLITE_CONSTRAINT => new StoreConflictException($"{text} ({what})"),
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => Corrupted(path, text),
            raw.SQLITE_FULL => new StoreUnavailableException($"the store '{path}' cannot grow: {text}; free disk space, then try again"),
            raw.SQLITE_IOERR or raw.SQLITE_BUSY or raw.SQLITE_LOCKED or raw.SQLITE_NOMEM or raw.SQLITE_PROTOCOL => new StoreUnavailableException(
                $"the store '{path}' cannot be used now: {text} (code {code}); check the disk and its mount, then try again"),
            raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => new StoreException(
                $"the store '{path}' cannot be opened for writing: {text}; check its owner and permissions"),
            _ => new StoreException($"{text} (code {code}): {what}"),
        };
    }

    public static StoreCorruptedException Corrupted(string path, string text) => new(
        $"the store '{path}' is damaged: {text}; nothing was changed. Stop the daemon, move the file and its -wal and -shm files aside, "
        + "and put back a backup (the *.backup files beside it), or start with an empty store");
}
