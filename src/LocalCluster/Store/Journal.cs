using Microsoft.Win32.SafeHandles;

namespace Castellan.LocalCluster.Store;

/// <summary>
/// The files behind the store: <c>snapshot-REVISION</c> holds every object as of a revision, <c>journal-REVISION</c> every
/// write after it. One process at a time: the file <c>lock</c> is held open.
/// </summary>
internal sealed class Journal : IDisposable
{
    private readonly string directory;
    private readonly bool flush;
    private readonly FileStream processLock;
    private readonly MemoryStream payload = new();
    private SafeFileHandle? file;
    private string path = "";

    private Journal(string directory, bool flush, FileStream processLock) =>
        (this.directory, this.flush, this.processLock) = (directory, flush, processLock);

    /// <summary>Bytes written since the snapshot.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes that a crash had torn off the last frame at the last start; 0 after a clean stop.</summary>
    public long TornBytes { get; private set; }

    /// <summary>Takes the directory's lock; <see cref="Replay"/> comes next.</summary>
    /// <exception cref="IOException">Another process has the directory open.</exception>
    public static Journal Open(string directory, bool flush)
    {
        Directory.CreateDirectory(directory);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var lockPath = Path.Combine(directory, "lock");
        try
        {
            return new Journal(directory, flush, new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e)
        {
            throw new IOException($"{directory} is in use by another process; stop that one or choose another data directory", e);
        }
    }

    /// <summary>Hands over the newest snapshot's entries, then those of its journal, and opens the journal for writing.</summary>
    /// <returns>The revision of the snapshot.</returns>
    public long Replay(Action<JournalEntry> fromSnapshot, Action<JournalEntry> fromJournal)
    {
        foreach (var leftover in Directory.EnumerateFiles(directory, "*.new")) File.Delete(leftover);
        var revision = Revisions("snapshot-").DefaultIfEmpty(0).Max();
        if (revision > 0)
        {
            var snapshot = Name("snapshot-", revision);
            var good = JournalReader.Read(snapshot, fromSnapshot);
            if (good != new FileInfo(snapshot).Length) throw new JournalCorruptedException(snapshot, good, "the snapshot ends in the middle of a frame");
        }
        path = Name("journal-", revision);
        if (File.Exists(path))
        {
            Length = JournalReader.Read(path, fromJournal);
            TornBytes = new FileInfo(path).Length - Length;
        }
        file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (TornBytes > 0) RandomAccess.SetLength(file, Length);
        RemoveOlderThan(revision);
        return revision;
    }

    /// <summary>Writes one group of entries as one frame; when it returns the frame is on the disk.</summary>
    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        WriteFrame(file!, Length, entries, out var written);
        if (flush) RandomAccess.FlushToDisk(file!);
        Length += written;
    }

    /// <summary>Starts over from a snapshot of everything; the old files go once the new ones are on the disk.</summary>
    public void Compact(long revision, IEnumerable<JournalEntry> everything)
    {
        var temporary = Name("snapshot-", revision) + ".new";
        using (var snapshot = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
        {
            var offset = 0L;
            foreach (var chunk in everything.Chunk(256))
            {
                WriteFrame(snapshot, offset, chunk, out var written);
                offset += written;
            }
            if (flush) RandomAccess.FlushToDisk(snapshot);
        }
        var next = File.OpenHandle(Name("journal-", revision), FileMode.Create, FileAccess.ReadWrite, FileShare.Read);
        File.Move(temporary, Name("snapshot-", revision), overwrite: true);
        file!.Dispose();
        (file, path, Length) = (next, Name("journal-", revision), 0);
        RemoveOlderThan(revision);
    }

    public void Dispose()
    {
        file?.Dispose();
        processLock.Dispose();
        payload.Dispose();
    }

    private void WriteFrame(SafeFileHandle target, long offset, IReadOnlyList<JournalEntry> entries, out int written)
    {
        payload.SetLength(0);
        payload.Write(stackalloc byte[JournalFrame.HeaderSize]);
        foreach (var entry in entries) JournalFrame.WriteEntry(payload, entry);
        written = (int)payload.Length;
        var frame = payload.GetBuffer().AsSpan(0, written);
        JournalFrame.WriteHeader(frame, frame[JournalFrame.HeaderSize..]);
        RandomAccess.Write(target, frame, offset);
    }

    private void RemoveOlderThan(long revision)
    {
        foreach (var prefix in (ReadOnlySpan<string>)["snapshot-", "journal-"])
        {
            foreach (var old in Revisions(prefix).Where(r => r < revision).ToList()) File.Delete(Name(prefix, old));
        }
    }

    private IEnumerable<long> Revisions(string prefix) => Directory.EnumerateFiles(directory, prefix + "*")
        .Select(f => long.TryParse(Path.GetFileName(f).AsSpan(prefix.Length), out var r) ? r : -1).Where(r => r >= 0);

    private string Name(string prefix, long revision) => Path.Combine(directory, $"{prefix}{revision:D16}");
}
