using System.Buffers.Binary;
using System.Text;

namespace Castellan.Audit.Transparency;

/// <summary>Up to 256 entries as one file: each behind its length as two bytes, highest first.</summary>
/// <remarks>C2SP tlog-tiles, "Log entries".</remarks>
public static class EntryBundle
{
    private const int LengthSize = sizeof(ushort);

    /// <summary>Writes a bundle.</summary>
    /// <exception cref="ArgumentException">An entry is longer than 65,535 bytes.</exception>
    public static byte[] Write(IReadOnlyList<string> entries)
    {
        var bundle = new MemoryStream();
        Span<byte> length = stackalloc byte[LengthSize];
        foreach (var entry in entries)
        {
            var bytes = Encoding.UTF8.GetBytes(entry);
            if (bytes.Length > ushort.MaxValue)
            {
                throw new ArgumentException($"an entry has {bytes.Length} bytes; a bundle holds entries of at most {ushort.MaxValue}", nameof(entries));
            }

            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
            bundle.Write(length);
            bundle.Write(bytes);
        }

        return bundle.ToArray();
    }

    /// <summary>Reads a bundle.</summary>
    /// <returns>The entries, as bytes.</returns>
    /// <exception cref="InvalidDataException">It ends in the middle of an entry.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> bundle)
    {
        var entries = new List<ReadOnlyMemory<byte>>();
        while (bundle.Length > 0)
        {
            var length = bundle.Length < LengthSize ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(bundle.Span);
            if (length > bundle.Length - LengthSize)
            {
                throw new InvalidDataException("a bundle of entries ends in the middle of an entry; it is cut or damaged");
            }

            entries.Add(bundle.Slice(LengthSize, length));
            bundle = bundle[(LengthSize + length)..];
        }

        return entries;
    }
}
