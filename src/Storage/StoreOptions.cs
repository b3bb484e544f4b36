namespace Castellan.Storage;

/// <summary>Where the store lies and what it holds.</summary>
public sealed class StoreOptions
{
    /// <summary>Path of the database file. Its folder is created (mode 0700) when missing; the file gets mode 0600.</summary>
    public required string Path { get; init; }

    /// <summary>The components whose tables live in this store. A component added later is created at the next opening.</summary>
    public IReadOnlyList<MigrationSet> Migrations { get; init; } = [];

    /// <summary>Most connections that read at the same time: 1 to 64.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Most units of work that share one commit.</summary>
    public int MaxUnitsPerCommit { get; init; } = 512;

    /// <summary>Largest size of the database in bytes; <see langword="null"/> leaves it to the disk. Beyond it writing fails as on a full disk.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Databases up to this size in bytes are checked as a whole at opening; larger ones only where they are read.</summary>
    public long IntegrityCheckMaxBytes { get; init; } = 256L << 20;

    /// <summary>The clock that dates backups and migrations.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
