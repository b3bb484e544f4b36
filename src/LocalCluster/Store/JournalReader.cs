namespace Castellan.LocalCluster.Store;

/// <summary>Reads the frames of a journal or snapshot and tells a torn end (a crash) from corruption (refused).</summary>
internal static class JournalReader
{
    private const int Sector = 512;

    /// <summary>Hands every entry to <paramref name="apply"/>.</summary>
    /// <returns>The length of the good part; shorter than the file when the last frame was torn by a crash.</returns>
    /// <exception cref="JournalCorruptedException">A frame other than a torn last one is bad.</exception>
    public static long Read(string file, Action<JournalEntry> apply)
    {
        var bytes = File.ReadAllBytes(file);
        var offset = 0;
        while (offset < bytes.Length)
        {
            var rest = bytes.AsMemory(offset);
            if (!JournalFrame.TryReadHeader(rest.Span, out var length, out var checksum))
            {
                if (IsTornHeader(rest.Span)) return offset;
                throw new JournalCorruptedException(file, offset, "this is no frame header");
            }
            if (length > rest.Length - JournalFrame.HeaderSize) return offset; // the crash came before the frame was whole
            var payload = rest.Slice(JournalFrame.HeaderSize, length);
            if (Checksum.Of(payload.Span) != checksum)
            {
                var isLast = offset + JournalFrame.HeaderSize + length == bytes.Length;
                if (isLast && HasUnwrittenSector(payload.Span)) return offset;
                throw new JournalCorruptedException(file, offset, "the frame's checksum does not match its content");
            }
            foreach (var entry in JournalFrame.ReadEntries(payload)) apply(entry);
            offset += JournalFrame.HeaderSize + length;
        }
        return offset;
    }

    /// <summary>Too short for a header, or never written: a file system may grow a file before its blocks hold data.</summary>
    private static bool IsTornHeader(ReadOnlySpan<byte> rest) =>
        rest.Length < JournalFrame.HeaderSize || rest.IndexOfAnyExcept((byte)0) < 0;

    private static bool HasUnwrittenSector(ReadOnlySpan<byte> payload)
    {
        for (var i = 0; i < payload.Length; i += Sector)
        {
            if (payload[i..Math.Min(i + Sector, payload.Length)].IndexOfAnyExcept((byte)0) < 0) return true;
        }
        return false;
    }
}
