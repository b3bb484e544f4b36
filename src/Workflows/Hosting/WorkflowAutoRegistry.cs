namespace Castellan.Workflows;

/// <summary>Registrations that every worker of this process begins with, for code that is generated or loaded.</summary>
public static class WorkflowAutoRegistry
{
    private static readonly Lock Gate = new();
    private static readonly List<Action<WorkflowRuntimeOptions>> Registrations = [];

    /// <summary>Adds registrations; workers that are registered later apply them first.</summary>
    public static void Register(Action<WorkflowRuntimeOptions> registration)
    {
        ArgumentNullException.ThrowIfNull(registration);
        lock (Gate)
        {
            Registrations.Add(registration);
        }
    }

    internal static void Apply(WorkflowRuntimeOptions options)
    {
        Action<WorkflowRuntimeOptions>[] all;
        lock (Gate)
        {
            all = [.. Registrations];
        }

        foreach (var registration in all)
        {
            registration(options);
        }
    }
}
