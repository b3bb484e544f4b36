using Castellan.KubeApi;

namespace Castellan.KubeClient.Controllers;

/// <summary>Brings the world to what one object says.</summary>
/// <typeparam name="T">Kind of the object.</typeparam>
/// <remarks>
/// Level-based: it gets a key, never an event; it reads the present state, decides, and acts so that doing it twice does no harm.
/// One key is worked on by one call at a time. A thrown exception means "again, after a backoff";
/// <see cref="TerminalReconcileException"/> means "not again until something changes".
/// </remarks>
public interface IReconciler<T> where T : KubeObject
{
    /// <summary>Works on one key. The object may be gone.</summary>
    Task<ReconcileResult> ReconcileAsync(NamespacedName key, CancellationToken ct);
}

/// <summary>What comes after a reconcile that did not fail.</summary>
/// <param name="RequeueAfter">When to come again without a change; null for not.</param>
public readonly record struct ReconcileResult(TimeSpan? RequeueAfter)
{
    /// <summary>Nothing until something changes.</summary>
    public static ReconcileResult Done => default;

    /// <summary>Come again after this time, or earlier if something changes.</summary>
    public static ReconcileResult After(TimeSpan delay) => new(delay);
}

/// <summary>Trying again is useless until something changes.</summary>
public sealed class TerminalReconcileException(string message, Exception? inner = null) : Exception(message, inner);
