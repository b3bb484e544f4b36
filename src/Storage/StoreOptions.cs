namespace Castellan.Storage;

/// <summary>Where the store lies and what it holds.</summary>
public sealed class StoreOptions
{
    /// <summary>Where the store lies.</summary>
    public required StoreLocation Location { get; init; }

    /// <summary>The components whose tables live in this store. A component added later is created at the next opening.</summary>
    public IReadOnlyList<MigrationSet> Migrations { get; init; } = [];

    /// <summary>Most connections that read at the same time: 1 to 64.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Most units of work that share one commit.</summary>
    public int MaxUnitsPerCommit { get; init; } = 512;

    /// <summary>On what condition a store that exists is brought to a newer schema. A component that is new to the store is always added.</summary>
    public SchemaChange SchemaChange { get; init; } = SchemaChange.WithBackup;

    /// <summary>Largest size of a SQLite database in bytes; <see langword="null"/> leaves it to the disk. Beyond it writing fails as on a full disk.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>SQLite databases up to this size in bytes are checked as a whole at opening; larger ones only where they are read.</summary>
    public long IntegrityCheckMaxBytes { get; init; } = 256L << 20;

    /// <summary>The clock that dates backups and migrations.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal void Check()
    {
        if (Readers is < 1 or > 64)
        {
            throw new StoreException($"{nameof(StoreOptions)}.{nameof(Readers)} is {Readers}; set 1 to 64");
        }
    }
}

/// <summary>On what condition a schema moves forward.</summary>
public enum SchemaChange
{
    /// <summary>The store writes a backup first. On PostgreSQL it cannot, and refuses.</summary>
    WithBackup,

    /// <summary>The operator has a backup (<c>pg_dump</c>) and wants the change.</summary>
    OperatorHasBackup,
}
