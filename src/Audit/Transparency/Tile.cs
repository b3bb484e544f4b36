namespace Castellan.Audit.Transparency;

/// <summary>A tile and its hashes, 32 bytes each, from the left.</summary>
/// <param name="Address">Which one.</param>
/// <param name="Hashes">As many as the address says.</param>
public sealed record Tile(TileAddress Address, ReadOnlyMemory<byte> Hashes)
{
    /// <summary>One of its hashes.</summary>
    public MerkleHash this[int index] => new(Hashes.Span.Slice(index * MerkleHash.Size, MerkleHash.Size));

    /// <summary>Root of a complete subtree inside the tile.</summary>
    /// <param name="height">0 is a hash of the tile itself, 8 the whole tile.</param>
    /// <param name="index">From the left, from 0, in subtrees of that height.</param>
    /// <exception cref="InvalidDataException">The tile does not reach that far.</exception>
    public MerkleHash Subtree(int height, int index)
    {
        var (first, count) = (index << height, 1 << height);
        if (first + count > Address.Width)
        {
            throw new InvalidDataException($"{Address.Path} holds {Address.Width} hashes, but {first + count} are needed; the log is cut or damaged");
        }

        Span<MerkleHash> row = stackalloc MerkleHash[TileAddress.FullWidth];
        for (var i = 0; i < count; i++)
        {
            row[i] = this[first + i];
        }

        for (; count > 1; count >>= 1)
        {
            for (var i = 0; i < count; i += 2)
            {
                row[i >> 1] = MerkleHash.OfNode(row[i], row[i + 1]);
            }
        }

        return row[0];
    }
}
