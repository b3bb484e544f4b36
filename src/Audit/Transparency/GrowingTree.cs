namespace Castellan.Audit.Transparency;

/// <summary>The right edge of a tree that grows: takes leaves and gives the tiles that changed. Holds 8 KiB for each level of tiles. Used by one thread.</summary>
public sealed class GrowingTree
{
    private readonly List<Edge> _edges = [];
    private readonly Dictionary<(int Level, long Index), Tile>? _changed;

    /// <summary>A tree without leaves.</summary>
    /// <param name="keepsTiles">False for one that is asked for its root only.</param>
    public GrowingTree(bool keepsTiles = true) => _changed = keepsTiles ? [] : null;

    /// <summary>Takes up a tree where it was left.</summary>
    /// <param name="size">Its leaves.</param>
    /// <param name="read">Reads the hashes of a tile at its right edge; null when it is missing.</param>
    /// <exception cref="InvalidDataException">A tile is missing or too short.</exception>
    public GrowingTree(long size, Func<TileAddress, ReadOnlyMemory<byte>?> read)
        : this()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Size = size;
        for (var (level, rows) = (0, size); rows > 0; level++, rows >>= TileAddress.Height)
        {
            var edge = new Edge(rows / TileAddress.FullWidth);
            _edges.Add(edge);
            if (rows % TileAddress.FullWidth is > 0 and var width)
            {
                var address = new TileAddress(level, edge.Index, (int)width);
                var hashes = read(address) ?? throw new InvalidDataException($"{address.Path} is missing; the log is cut or damaged");
                edge.Fill(address, hashes.Span);
            }
        }
    }

    /// <summary>Leaves so far.</summary>
    public long Size { get; private set; }

    /// <summary>Adds a leaf.</summary>
    public void Append(in MerkleHash leaf)
    {
        Size++;
        Append(0, leaf);
    }

    /// <summary>The root over all leaves so far.</summary>
    public MerkleHash Root()
    {
        MerkleHash? root = null;
        for (var level = 0; level < _edges.Count; level++)
        {
            var tile = _edges[level].AsTile(level);
            for (var height = 0; height < TileAddress.Height; height++)
            {
                if ((tile.Address.Width >> height & 1) == 1)
                {
                    var left = tile.Subtree(height, (tile.Address.Width >> height) - 1);
                    root = root is { } right ? MerkleHash.OfNode(left, right) : left;
                }
            }
        }

        return root ?? MerkleHash.EmptyTree;
    }

    /// <summary>The tiles that changed since the last call, each in its newest state; a tile that stands at the edge comes again when it has grown.</summary>
    /// <exception cref="InvalidOperationException">The tree does not keep tiles.</exception>
    public IReadOnlyList<Tile> TakeChanged()
    {
        if (_changed is null)
        {
            throw new InvalidOperationException("the tree does not keep tiles");
        }

        for (var level = 0; level < _edges.Count; level++)
        {
            if (_edges[level].IsChanged)
            {
                Changed(level, _edges[level]);
            }
        }

        var changed = _changed.Values.ToList();
        _changed.Clear();
        return changed;
    }

    private void Append(int level, in MerkleHash hash)
    {
        if (level == _edges.Count)
        {
            _edges.Add(new(0));
        }

        var edge = _edges[level];
        if (!edge.Add(hash))
        {
            return;
        }

        var full = Changed(level, edge);
        _edges[level] = new(edge.Index + 1);
        Append(level + 1, full.Subtree(TileAddress.Height, 0));
    }

    private Tile Changed(int level, Edge edge)
    {
        var tile = edge.AsTile(level);
        edge.IsChanged = false;
        _changed?[(level, edge.Index)] = tile;
        return tile;
    }

    /// <summary>The tile at the right end of a level; never full for long.</summary>
    private sealed class Edge(long index)
    {
        private readonly byte[] _hashes = new byte[TileAddress.FullWidth * MerkleHash.Size];
        private int _width;

        public long Index { get; } = index;

        public bool IsChanged { get; set; }

        public bool Add(in MerkleHash hash)
        {
            hash.CopyTo(_hashes.AsSpan(_width * MerkleHash.Size));
            IsChanged = true;
            return ++_width == TileAddress.FullWidth;
        }

        public void Fill(TileAddress address, ReadOnlySpan<byte> hashes)
        {
            var length = address.Width * MerkleHash.Size;
            if (hashes.Length < length)
            {
                throw new InvalidDataException($"{address.Path} has {hashes.Length} bytes instead of {length}; the log is cut or damaged");
            }

            hashes[..length].CopyTo(_hashes);
            _width = address.Width;
        }

        public Tile AsTile(int level) => new(new TileAddress(level, Index, _width), _hashes.AsMemory(0, _width * MerkleHash.Size).ToArray());
    }
}
