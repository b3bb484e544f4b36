namespace Castellan.Audit.Transparency;

/// <summary>Proves that an entry is in a log.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Hashes">What leads from it to the root, lowest first.</param>
/// <param name="Checkpoint">The signed root.</param>
public sealed record InclusionProof(string Entry, long Index, IReadOnlyList<MerkleHash> Hashes, SignedNote Checkpoint)
{
    /// <summary>Checks the proof with nothing but the log's key.</summary>
    /// <returns>What is wrong; null when it holds.</returns>
    public string? ProblemWith(NoteVerifier log)
    {
        try
        {
            var checkpoint = Transparency.Checkpoint.Open(Checkpoint, log);
            var leaf = MerkleHash.OfLeaf(System.Text.Encoding.UTF8.GetBytes(Entry));
            return MerkleTree.IsIncluded(leaf, Index, checkpoint.Size, Hashes, checkpoint.Root) ? null : $"the entry is not number {Index} of the log that this checkpoint signs";
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }
}

/// <summary>Proves that a log still begins with what it was.</summary>
/// <param name="OldSize">Entries of the earlier log.</param>
/// <param name="Hashes">The proof.</param>
/// <param name="Checkpoint">The signed root of the later log.</param>
public sealed record ConsistencyProof(long OldSize, IReadOnlyList<MerkleHash> Hashes, SignedNote Checkpoint)
{
    /// <summary>Checks the proof against an earlier checkpoint.</summary>
    /// <returns>What is wrong; null when it holds.</returns>
    public string? ProblemWith(Checkpoint earlier, NoteVerifier log)
    {
        try
        {
            var now = Transparency.Checkpoint.Open(Checkpoint, log);
            return earlier.Size == OldSize && MerkleTree.IsConsistent(OldSize, earlier.Root, now.Size, now.Root, Hashes)
                ? null
                : $"the log of {now.Size} entries does not begin with the {earlier.Size} that were signed before: it was rewritten";
        }
        catch (FormatException error)
        {
            return error.Message;
        }
    }
}
