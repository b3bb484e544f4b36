using Castellan.Storage;

namespace Castellan.AgentGateway.Calls;

/// <summary>
/// The one lock of units that number a run's events, count a session's calls or touch purses, where several processes share a database. There is
/// one for all of them, taken before anything else: a transaction carries the units of many calls, so two transactions that took several locks,
/// or rows before the lock, could each hold what the other waits for.
/// </summary>
/// <remarks>
/// Its price: such transactions of replicas commit one after the other, each with all calls that waited meanwhile. Finer would be a lock for each run,
/// session and purse; it needs a writer that sorts the locks of a whole transaction before its first unit, or runs one again that lost to another.
/// </remarks>
internal static class LedgerLock
{
    private const string Name = "calls";

    /// <summary>Waits until no other process is in such a unit; until its transaction ends no other will be.</summary>
    internal static void Enter(IUnitOfWork unit, SharedStore? shared) => shared?.Lock(unit, Name);
}
