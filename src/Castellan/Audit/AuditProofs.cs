using Castellan.Audit.Transparency;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary>Proofs as the gateway sends them.</summary>
internal static class AuditProofs
{
    /// <exception cref="CommandFailure">It is not readable as a proof.</exception>
    public static InclusionProof Read(AuditProof proof) => new(proof.Entry, proof.Index, [.. proof.Hashes.Select(Hash)], Note(proof.Checkpoint));

    /// <exception cref="CommandFailure">It is not readable as a proof.</exception>
    public static ConsistencyProof Read(AuditGrowth proof) => new(proof.OldSize, [.. proof.Hashes.Select(Hash)], Note(proof.Checkpoint));

    private static MerkleHash Hash(string text) => MerkleHash.TryParse(text, out var hash) ? hash : throw Unreadable("a hash is not 32 bytes of base64");

    private static SignedNote Note(string text)
    {
        try
        {
            return SignedNote.Parse(text);
        }
        catch (FormatException error)
        {
            throw Unreadable(error.Message);
        }
    }

    private static CommandFailure Unreadable(string problem) => new($"the proof cannot be read: {problem}", "it was changed on its way, or another program wrote it", ExitCode.Refused);
}
