namespace Castellan.LocalCluster.Store;

/// <summary>A journal or snapshot holds bytes that this program did not write so. Nothing was changed.</summary>
public sealed class JournalCorruptedException : Exception
{
    internal JournalCorruptedException(string file, long offset, string problem)
        : base($"{file} is corrupted at byte {offset}: {problem}; restore the file from a backup, "
            + $"or give up all writes from there on with: truncate -s {offset} '{file}'")
    {
        (File, Offset) = (file, offset);
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>Where the bad frame begins.</summary>
    public long Offset { get; }
}
