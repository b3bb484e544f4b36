using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Castellan.Audit.Transparency;

/// <summary>SHA-256 of a leaf or node of a Merkle tree.</summary>
/// <remarks>RFC 6962 section 2.1: a leaf is hashed behind the byte 0, a node's two children behind the byte 1, so that neither passes for the other.</remarks>
[StructLayout(LayoutKind.Sequential)]
public readonly struct MerkleHash : IEquatable<MerkleHash>
{
    /// <summary>Length in bytes.</summary>
    public const int Size = 32;

    private const byte LeafPrefix = 0, NodePrefix = 1;
    private const int LargestOnStack = 1024;

    private readonly long _0, _1, _2, _3;

    /// <param name="bytes">Exactly 32 bytes.</param>
    /// <exception cref="ArgumentException">Another length.</exception>
    public MerkleHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
        {
            throw new ArgumentException($"a hash has {Size} bytes, not {bytes.Length}", nameof(bytes));
        }

        var words = MemoryMarshal.Cast<byte, long>(bytes);
        (_0, _1, _2, _3) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>Root of the tree without leaves: the hash of nothing.</summary>
    public static MerkleHash EmptyTree { get; } = new(SHA256.HashData([]));

    /// <summary>Hash of an entry.</summary>
    public static MerkleHash OfLeaf(ReadOnlySpan<byte> entry)
    {
        var length = entry.Length + 1;
        var rented = length > LargestOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var input = rented is null ? stackalloc byte[LargestOnStack] : rented;
        input[0] = LeafPrefix;
        entry.CopyTo(input[1..]);
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(input[..length], hash);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }

        return new(hash);
    }

    /// <summary>Hash of a node with these children.</summary>
    public static MerkleHash OfNode(in MerkleHash left, in MerkleHash right)
    {
        Span<byte> input = stackalloc byte[1 + (2 * Size)];
        input[0] = NodePrefix;
        left.CopyTo(input[1..]);
        right.CopyTo(input[(1 + Size)..]);
        Span<byte> hash = stackalloc byte[Size];
        SHA256.HashData(input, hash);
        return new(hash);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination) => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in this, 1)).CopyTo(destination);

    /// <summary>The bytes.</summary>
    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Reads standard base64, as checkpoints and proofs write hashes.</summary>
    public static bool TryParse(string? base64, out MerkleHash hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var isHash = base64 is { Length: 44 } && Convert.TryFromBase64String(base64, bytes, out var written) && written == Size;
        hash = isHash ? new(bytes) : default;
        return isHash;
    }

    /// <summary>Standard base64.</summary>
    public override string ToString() => Convert.ToBase64String(ToArray());

    /// <inheritdoc/>
    public bool Equals(MerkleHash other) => _0 == other._0 && _1 == other._1 && _2 == other._2 && _3 == other._3;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is MerkleHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _0.GetHashCode();

    /// <summary>Whether all bytes are the same.</summary>
    public static bool operator ==(MerkleHash left, MerkleHash right) => left.Equals(right);

    /// <summary>Whether a byte differs.</summary>
    public static bool operator !=(MerkleHash left, MerkleHash right) => !left.Equals(right);
}
