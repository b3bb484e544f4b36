using System.Security.Cryptography;
using System.Text;
using Castellan.Audit.Transparency;

namespace Castellan.Audit.Tests.Transparency;

public sealed class MerkleTreeTests
{
    /// <summary>Leaves and roots that implementations of RFC 6962 share: certificate-transparency-go's merkle tests.</summary>
    private static readonly string[] KnownLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] KnownRoots =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Root_WhenLeavesAreTheKnownOnes_IsTheKnownOne()
    {
        var tree = new GrowingTree();
        Assert.Equal(MerkleHash.EmptyTree, tree.Root());
        for (var i = 0; i < KnownLeaves.Length; i++)
        {
            tree.Append(MerkleHash.OfLeaf(Convert.FromHexString(KnownLeaves[i])));
            Assert.Equal(KnownRoots[i], Convert.ToHexStringLower(tree.Root().ToArray()));
        }
    }

    [Fact]
    public void Proofs_WhenTreeIsSmall_HoldForEveryLeafAndEverySize()
    {
        var leaves = Leaves(70);
        var nodes = new NaiveNodes(leaves);
        for (var size = 0; size <= leaves.Count; size++)
        {
            var root = MerkleTree.Root(nodes, size);
            Assert.Equal(NaiveRoot(leaves, 0, size), root);
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleTree.ProveInclusion(nodes, index, size);
                Assert.True(MerkleTree.IsIncluded(leaves[index], index, size, proof, root), $"{index} in {size}");
            }

            for (var old = 0; old <= size; old++)
            {
                var proof = MerkleTree.ProveConsistency(nodes, old, size);
                Assert.True(MerkleTree.IsConsistent(old, NaiveRoot(leaves, 0, old), size, root, proof), $"{old} before {size}");
            }
        }
    }

    [Fact]
    public void IsIncluded_WhenAnythingIsChanged_IsFalse()
    {
        var leaves = Leaves(21);
        var nodes = new NaiveNodes(leaves);
        for (var size = 1; size <= leaves.Count; size++)
        {
            var root = MerkleTree.Root(nodes, size);
            for (var index = 0; index < size; index++)
            {
                var proof = MerkleTree.ProveInclusion(nodes, index, size);
                Assert.False(MerkleTree.IsIncluded(Other(leaves[index]), index, size, proof, root));
                Assert.False(MerkleTree.IsIncluded(leaves[index], index, size, proof, Other(root)));
                Assert.False(MerkleTree.IsIncluded(leaves[index], index, size, [.. proof, root], root));
                Assert.False(MerkleTree.IsIncluded(leaves[index], -1, size, proof, root));
                Assert.False(MerkleTree.IsIncluded(leaves[index], size, size, proof, root));
                for (var i = 0; i < proof.Count; i++)
                {
                    Assert.False(MerkleTree.IsIncluded(leaves[index], index, size, [.. proof.Select((h, at) => at == i ? Other(h) : h)], root));
                    Assert.False(MerkleTree.IsIncluded(leaves[index], index, size, [.. proof.Where((_, at) => at != i)], root));
                }

                for (var wrong = 0; wrong < size; wrong++)
                {
                    Assert.Equal(wrong == index, MerkleTree.IsIncluded(leaves[index], wrong, size, proof, root));
                }
            }
        }
    }

    [Fact]
    public void IsConsistent_WhenAnythingIsChanged_IsFalse()
    {
        var leaves = Leaves(21);
        var nodes = new NaiveNodes(leaves);
        for (var size = 2; size <= leaves.Count; size++)
        {
            var root = MerkleTree.Root(nodes, size);
            for (var old = 1; old < size; old++)
            {
                var oldRoot = MerkleTree.Root(nodes, old);
                var proof = MerkleTree.ProveConsistency(nodes, old, size);
                Assert.False(MerkleTree.IsConsistent(old, Other(oldRoot), size, root, proof));
                Assert.False(MerkleTree.IsConsistent(old, oldRoot, size, Other(root), proof));
                Assert.False(MerkleTree.IsConsistent(old, oldRoot, size, root, [.. proof, root]));
                Assert.False(MerkleTree.IsConsistent(size, root, old, oldRoot, proof));
                for (var i = 0; i < proof.Count; i++)
                {
                    Assert.False(MerkleTree.IsConsistent(old, oldRoot, size, root, [.. proof.Select((h, at) => at == i ? Other(h) : h)]));
                    Assert.False(MerkleTree.IsConsistent(old, oldRoot, size, root, [.. proof.Where((_, at) => at != i)]));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(70_001)]
    public void Tiles_WhenTreeGrewOverThem_GiveTheSameRootsAndProofs(int size)
    {
        var leaves = Leaves(size);
        var (tree, tiles, random) = (new GrowingTree(), new Dictionary<string, Tile>(), new Random(size));
        foreach (var leaf in leaves)
        {
            tree.Append(leaf);
            if (random.Next(50) == 0)
            {
                Keep(tiles, tree);
                tree = new GrowingTree(tree.Size, Reader(tiles)); // as after a restart
            }
        }

        Keep(tiles, tree);
        Assert.Equal(size, tree.Size);
        var root = NaiveRoot(leaves, 0, size);
        Assert.Equal(root, tree.Root());
        var nodes = new TiledNodes(size, Reader(tiles));
        Assert.Equal(root, MerkleTree.Root(nodes, size));
        for (var i = 0; i < 50; i++)
        {
            var (index, old) = (random.Next(size), random.Next(size + 1));
            Assert.True(MerkleTree.IsIncluded(leaves[index], index, size, MerkleTree.ProveInclusion(nodes, index, size), root));
            Assert.True(MerkleTree.IsConsistent(old, NaiveRoot(leaves, 0, old), size, root, MerkleTree.ProveConsistency(nodes, old, size)));
        }
    }

    [Fact]
    public void Tiles_WhenOneIsMissingOrShort_SaysWhich()
    {
        Assert.Contains("tile/0/000.p/3 is missing", Assert.Throws<InvalidDataException>(() => new GrowingTree(3, _ => null)).Message, StringComparison.Ordinal);
        Assert.Contains("tile/0/000.p/3 has 64 bytes", Assert.Throws<InvalidDataException>(() => new TiledNodes(3, _ => new byte[64]).Node(0, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("has no tile", Assert.Throws<InvalidDataException>(() => new TiledNodes(3, _ => new byte[96]).Node(8, 0)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(0, 1_234_067, 256, "tile/0/x001/x234/067")]
    [InlineData(1, 999, 5, "tile/1/999.p/5")]
    [InlineData(2, 1000, 1, "tile/2/x001/000.p/1")]
    public void Path_WhenTileIsNamed_FollowsTheLayout(int level, long index, int width, string path) => Assert.Equal(path, new TileAddress(level, index, width).Path);

    private static void Keep(Dictionary<string, Tile> tiles, GrowingTree tree)
    {
        foreach (var tile in tree.TakeChanged())
        {
            tiles[$"{tile.Address.Level}/{tile.Address.Index}"] = tile;
        }
    }

    private static Func<TileAddress, ReadOnlyMemory<byte>?> Reader(Dictionary<string, Tile> tiles) => address => tiles.GetValueOrDefault($"{address.Level}/{address.Index}")?.Hashes;

    private static List<MerkleHash> Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => MerkleHash.OfLeaf(Encoding.UTF8.GetBytes($"entry {i}")))];

    private static MerkleHash Other(MerkleHash hash) => new(SHA256.HashData(hash.ToArray()));

    /// <summary>The definition of RFC 6962 word for word, with nothing clever.</summary>
    private static MerkleHash NaiveRoot(IReadOnlyList<MerkleHash> leaves, int start, int end)
    {
        if (start == end)
        {
            return MerkleHash.EmptyTree;
        }

        if (end - start == 1)
        {
            return leaves[start];
        }

        var half = 1;
        while (half * 2 < end - start)
        {
            half *= 2;
        }

        return MerkleHash.OfNode(NaiveRoot(leaves, start, start + half), NaiveRoot(leaves, start + half, end));
    }

    private sealed class NaiveNodes(IReadOnlyList<MerkleHash> leaves) : IMerkleNodes
    {
        public MerkleHash Node(int level, long index) => NaiveRoot(leaves, (int)(index << level), (int)((index + 1) << level));
    }
}
