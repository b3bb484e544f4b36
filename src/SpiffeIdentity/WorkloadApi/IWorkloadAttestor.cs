namespace Castellan.SpiffeIdentity;

/// <summary>Says which identities a process is entitled to. Hosts implement it: process table, TokenReview.</summary>
public interface IWorkloadAttestor
{
    /// <summary>The identities of a process, the default first; none refuses it with PermissionDenied.</summary>
    /// <remarks>
    /// Asked again before every message of a stream, so that withdrawal takes effect. The caller holds a pidfd: the process lives
    /// while this runs. Compare the uid with the one you started the process with.
    /// </remarks>
    /// <param name="process">The process, as the kernel knows it.</param>
    /// <param name="ct">Ends the wait.</param>
    ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct);
}
