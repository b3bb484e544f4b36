namespace Castellan.Audit.Transparency;

/// <summary>Reads the complete subtrees of a tree.</summary>
public interface IMerkleNodes
{
    /// <summary>Root of the complete subtree over the leaves from <c>index·2^level</c> up to <c>(index+1)·2^level</c>.</summary>
    /// <exception cref="InvalidDataException">The subtree is not there: the log's tiles were cut or damaged.</exception>
    MerkleHash Node(int level, long index);
}
