using System.Security.Cryptography;
using System.Text;

namespace Castellan.Workflows.Replay;

/// <summary>Name-based GUIDs (RFC 9562, version 5), so that a replay makes the same ones.</summary>
internal static class StableGuid
{
    private static readonly byte[] Space = new Guid("9e952958-5e33-4daf-827f-2fa12937b875").ToByteArray(bigEndian: true);

    public static Guid From(string name)
    {
        Span<byte> hash = stackalloc byte[SHA1.HashSizeInBytes];
        SHA1.HashData([.. Space, .. Encoding.UTF8.GetBytes(name)], hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
