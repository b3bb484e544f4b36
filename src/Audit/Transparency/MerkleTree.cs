using System.Numerics;

namespace Castellan.Audit.Transparency;

/// <summary>Roots and proofs of the Merkle tree over a log. Work and length of a proof grow with the logarithm of the log.</summary>
/// <remarks>RFC 6962 section 2.1 (tree, proofs), RFC 9162 sections 2.1.3.2 and 2.1.4.2 (checking them).</remarks>
public static class MerkleTree
{
    /// <summary>Root of the tree over the first <paramref name="size"/> leaves.</summary>
    public static MerkleHash Root(IMerkleNodes nodes, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? MerkleHash.EmptyTree : RootOf(nodes, 0, size);
    }

    /// <summary>Proves that a leaf is in the tree: the hashes that lead from it to the root, lowest first.</summary>
    /// <param name="nodes">The tree.</param>
    /// <param name="index">The leaf, from 0.</param>
    /// <param name="size">Leaves of the tree that the proof is for.</param>
    public static IReadOnlyList<MerkleHash> ProveInclusion(IMerkleNodes nodes, long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<MerkleHash>();
        var (start, end) = (0L, size);
        while (end - start > 1)
        {
            var middle = start + LargestPowerBelow(end - start);
            if (index < middle)
            {
                path.Add(RootOf(nodes, middle, end));
                end = middle;
            }
            else
            {
                path.Add(RootOf(nodes, start, middle));
                start = middle;
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>Proves that the tree of <paramref name="newSize"/> leaves begins with the one of <paramref name="oldSize"/>: nothing was changed or removed.</summary>
    /// <returns>Empty when either is the trivial case: the sizes are equal, or the old tree is empty.</returns>
    public static IReadOnlyList<MerkleHash> ProveConsistency(IMerkleNodes nodes, long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, newSize);
        if (oldSize == 0 || oldSize == newSize)
        {
            return [];
        }

        var proof = new List<MerkleHash>();
        var (start, end, isWholeOldTree) = (0L, newSize, true);
        while (end != oldSize)
        {
            var middle = start + LargestPowerBelow(end - start);
            if (oldSize <= middle)
            {
                proof.Add(RootOf(nodes, middle, end));
                end = middle;
            }
            else
            {
                proof.Add(RootOf(nodes, start, middle));
                start = middle;
                isWholeOldTree = false;
            }
        }

        if (!isWholeOldTree)
        {
            proof.Add(RootOf(nodes, start, end));
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>Whether a proof shows that the leaf is the one at this place of the tree with this root.</summary>
    public static bool IsIncluded(in MerkleHash leaf, long index, long size, IReadOnlyList<MerkleHash> proof, in MerkleHash root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (at, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in proof)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                hash = MerkleHash.OfNode(sibling, hash);
                while ((at & 1) == 0 && at != 0)
                {
                    (at, last) = (at >> 1, last >> 1);
                }
            }
            else
            {
                hash = MerkleHash.OfNode(hash, sibling);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && hash == root;
    }

    /// <summary>Whether a proof shows that the tree with the new root begins with the one with the old root.</summary>
    public static bool IsConsistent(long oldSize, in MerkleHash oldRoot, long newSize, in MerkleHash newRoot, IReadOnlyList<MerkleHash> proof)
    {
        if (oldSize < 0 || oldSize > newSize)
        {
            return false;
        }

        if (oldSize == newSize)
        {
            return proof.Count == 0 && oldRoot == newRoot;
        }

        if (oldSize == 0)
        {
            return proof.Count == 0 && oldRoot == MerkleHash.EmptyTree;
        }

        // A whole old tree is its own first node; the proof does not repeat it.
        var isPower = BitOperations.IsPow2(oldSize);
        if (!isPower && proof.Count == 0)
        {
            return false;
        }

        var (at, last) = (oldSize - 1, newSize - 1);
        while ((at & 1) == 1)
        {
            (at, last) = (at >> 1, last >> 1);
        }

        var first = isPower ? oldRoot : proof[0];
        var (oldHash, newHash) = (first, first);
        for (var i = isPower ? 0 : 1; i < proof.Count; i++)
        {
            if (last == 0)
            {
                return false;
            }

            if ((at & 1) == 1 || at == last)
            {
                oldHash = MerkleHash.OfNode(proof[i], oldHash);
                newHash = MerkleHash.OfNode(proof[i], newHash);
                while ((at & 1) == 0 && at != 0)
                {
                    (at, last) = (at >> 1, last >> 1);
                }
            }
            else
            {
                newHash = MerkleHash.OfNode(newHash, proof[i]);
            }

            (at, last) = (at >> 1, last >> 1);
        }

        return last == 0 && oldHash == oldRoot && newHash == newRoot;
    }

    // The left part of every split is a complete subtree; only the right edge is composed.
    private static MerkleHash RootOf(IMerkleNodes nodes, long start, long end)
    {
        var size = end - start;
        if (BitOperations.IsPow2(size))
        {
            var level = BitOperations.Log2((ulong)size);
            return nodes.Node(level, start >> level);
        }

        var middle = start + LargestPowerBelow(size);
        return MerkleHash.OfNode(RootOf(nodes, start, middle), RootOf(nodes, middle, end));
    }

    private static long LargestPowerBelow(long size) => 1L << BitOperations.Log2((ulong)(size - 1));
}
