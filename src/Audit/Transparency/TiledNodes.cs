namespace Castellan.Audit.Transparency;

/// <summary>Reads a tree out of its tiles. Each tile is read once; used by one thread.</summary>
/// <param name="size">Leaves of the tree.</param>
/// <param name="read">Reads the hashes of a tile, or null when it is missing. It may give more than asked for: a wider tile of the same place.</param>
public sealed class TiledNodes(long size, Func<TileAddress, ReadOnlyMemory<byte>?> read) : IMerkleNodes
{
    private readonly Dictionary<(int Level, long Index), Tile> _tiles = [];

    /// <inheritdoc/>
    public MerkleHash Node(int level, long index)
    {
        var (tileLevel, height) = (level / TileAddress.Height, level % TileAddress.Height);
        var first = index << height;
        return TileAt(tileLevel, first / TileAddress.FullWidth).Subtree(height, (int)(first % TileAddress.FullWidth) >> height);
    }

    private Tile TileAt(int level, long index)
    {
        if (_tiles.TryGetValue((level, index), out var known))
        {
            return known;
        }

        var rows = (size >> (level * TileAddress.Height)) - (index * TileAddress.FullWidth);
        if (rows <= 0)
        {
            throw new InvalidDataException($"a tree of {size} leaves has no tile {new TileAddress(level, index, TileAddress.FullWidth).Path}");
        }

        var address = new TileAddress(level, index, (int)Math.Min(rows, TileAddress.FullWidth));
        var hashes = read(address) ?? throw new InvalidDataException($"{address.Path} is missing; the log is cut or damaged");
        if (hashes.Length < address.Width * MerkleHash.Size)
        {
            throw new InvalidDataException($"{address.Path} has {hashes.Length} bytes instead of {address.Width * MerkleHash.Size}; the log is cut or damaged");
        }

        var tile = new Tile(address, hashes[..(address.Width * MerkleHash.Size)]);
        _tiles.Add((level, index), tile);
        return tile;
    }
}
