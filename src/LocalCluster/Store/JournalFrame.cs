using System.Buffers.Binary;
using System.Text;

namespace Castellan.LocalCluster.Store;

/// <summary>
/// One group commit on disk: magic (4), length of the payload (4), CRC-32C of the payload (4), CRC-32C of these twelve bytes (4), payload.
/// A payload is a sequence of entries: kind (1), revision (8), then resource, namespace, name (2 + UTF-8 each), JSON (4 + bytes).
/// All numbers are little-endian.
/// </summary>
internal static class JournalFrame
{
    public const int HeaderSize = 16;
    private const uint Magic = 0x4A4C5443; // "CTLJ"

    public static void WriteHeader(Span<byte> header, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], Checksum.Of(payload));
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], Checksum.Of(header[..12]));
    }

    /// <summary>The payload's length and checksum, or false when these bytes are no header.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out int length, out uint checksum)
    {
        (length, checksum) = (0, 0);
        if (header.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(header) != Magic) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) != Checksum.Of(header[..12])) return false;
        length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        checksum = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        return length >= 0;
    }

    public static void WriteEntry(MemoryStream payload, JournalEntry entry)
    {
        Span<byte> number = stackalloc byte[9];
        number[0] = (byte)entry.Type;
        BinaryPrimitives.WriteInt64LittleEndian(number[1..], entry.Revision);
        payload.Write(number);
        WriteText(payload, entry.Key.Resource);
        WriteText(payload, entry.Key.Namespace);
        WriteText(payload, entry.Key.Name);
        BinaryPrimitives.WriteInt32LittleEndian(number, entry.Json.Length);
        payload.Write(number[..4]);
        payload.Write(entry.Json);
    }

    public static IEnumerable<JournalEntry> ReadEntries(ReadOnlyMemory<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            var type = (StoreEventType)payload.Span[0];
            var revision = BinaryPrimitives.ReadInt64LittleEndian(payload.Span[1..]);
            payload = payload[9..];
            var key = new ObjectKey(string.Intern(ReadText(ref payload)), string.Intern(ReadText(ref payload)), ReadText(ref payload));
            var size = BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
            var json = payload.Slice(4, size).ToArray();
            payload = payload[(4 + size)..];
            yield return new JournalEntry(type, revision, key, json);
        }
    }

    private static void WriteText(MemoryStream payload, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> size = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(size, checked((ushort)bytes.Length));
        payload.Write(size);
        payload.Write(bytes);
    }

    private static string ReadText(ref ReadOnlyMemory<byte> payload)
    {
        var size = BinaryPrimitives.ReadUInt16LittleEndian(payload.Span);
        var text = Encoding.UTF8.GetString(payload.Span.Slice(2, size));
        payload = payload[(2 + size)..];
        return text;
    }
}

/// <summary>One write in the journal; a deletion carries the last state.</summary>
internal readonly record struct JournalEntry(StoreEventType Type, long Revision, ObjectKey Key, byte[] Json);
