using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Castellan.Audit.Transparency;

/// <summary>The form of a witness's signature: eight bytes of Unix time, then Ed25519 over time and note.</summary>
/// <remarks>C2SP tlog-cosignature, <c>cosignature/v1</c>.</remarks>
internal static class Cosignature
{
    private const int TimeSize = sizeof(long);

    public static byte[] Message(long seconds, string text) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {seconds}\n{text}"));

    public static byte[] Join(long seconds, byte[] signature)
    {
        var joined = new byte[TimeSize + signature.Length];
        BinaryPrimitives.WriteInt64BigEndian(joined, seconds);
        signature.CopyTo(joined, TimeSize);
        return joined;
    }

    public static bool TrySplit(byte[] joined, out long seconds, out byte[] signature)
    {
        var isWhole = joined.Length == TimeSize + Ed25519.SignatureSize;
        seconds = isWhole ? SecondsOf(joined) : 0;
        signature = isWhole ? joined[TimeSize..] : [];
        return isWhole && seconds is >= 0 and <= 253402300799; // the last second that a date can hold
    }

    public static long SecondsOf(byte[] joined) => BinaryPrimitives.ReadInt64BigEndian(joined);
}
