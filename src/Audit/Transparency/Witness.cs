namespace Castellan.Audit.Transparency;

/// <summary>
/// A second party that signs checkpoints, and only such as continue the one that it signed before. Who trusts it need not keep checkpoints: a log that was
/// rewritten and signed again gets no signature of it.
/// </summary>
/// <param name="log">The log's key.</param>
/// <param name="key">The witness's own key, of the type <see cref="NoteKeyType.Cosignature"/>.</param>
/// <param name="clock">Dates cosignatures.</param>
/// <remarks>C2SP tlog-witness, tlog-cosignature.</remarks>
public sealed class Witness(NoteVerifier log, NoteSigner key, TimeProvider clock)
{
    /// <summary>Signs the first checkpoint that it sees.</summary>
    /// <exception cref="FormatException">It is not the log's.</exception>
    public SignedNote Begin(SignedNote checkpoint)
    {
        _ = Checkpoint.Open(checkpoint, log);
        return key.Sign(checkpoint, clock.GetUtcNow());
    }

    /// <summary>Signs a checkpoint that continues the last one.</summary>
    /// <param name="last">What it signed last.</param>
    /// <param name="growth">The proof that the log has only grown since, with the checkpoint to sign.</param>
    /// <exception cref="FormatException">The last one is not of this witness, or a checkpoint is not the log's.</exception>
    /// <exception cref="InvalidDataException">The log does not continue it: it was rewritten.</exception>
    public SignedNote Continue(SignedNote last, ConsistencyProof growth)
    {
        ArgumentNullException.ThrowIfNull(growth);
        if (key.Verifier.CosignedAt(last) is null)
        {
            throw new FormatException($"the last checkpoint is not cosigned by '{key.Verifier.Name}': it is another witness's, or was changed");
        }

        return growth.ProblemWith(Checkpoint.Open(last, log), log) is { } problem ? throw new InvalidDataException(problem) : key.Sign(growth.Checkpoint, clock.GetUtcNow());
    }
}
