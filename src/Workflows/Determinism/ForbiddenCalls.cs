using System.Reflection;

namespace Castellan.Workflows.Determinism;

/// <summary>What an orchestration must not call, and what to use instead.</summary>
internal static class ForbiddenCalls
{
    private const string Time = "use context.CurrentUtcDateTime";
    private const string Wait = "use context.CreateTimer";
    private const string Effect = "move it into an activity";
    private const string Waiting = "await it: an orchestration that blocks its thread holds up the worker";
    private const string Threads = "move it into an activity: an orchestration has one thread, that of its turn";

    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["System.DateTime.get_Now"] = Time,
        ["System.DateTime.get_UtcNow"] = Time,
        ["System.DateTime.get_Today"] = Time,
        ["System.DateTimeOffset.get_Now"] = Time,
        ["System.DateTimeOffset.get_UtcNow"] = Time,
        ["System.TimeProvider.GetUtcNow"] = Time,
        ["System.TimeProvider.GetLocalNow"] = Time,
        ["System.TimeProvider.GetTimestamp"] = Time,
        ["System.Diagnostics.Stopwatch.StartNew"] = Time,
        ["System.Diagnostics.Stopwatch.GetTimestamp"] = Time,
        ["System.Diagnostics.Stopwatch.Start"] = Time,
        ["System.Guid.NewGuid"] = "use context.NewGuid()",
        ["System.Guid.CreateVersion7"] = "use context.NewGuid()",
        ["System.Threading.Tasks.Task.Delay"] = Wait,
        ["System.Threading.Tasks.Task.Run"] = Threads,
        ["System.Threading.Tasks.Task.Yield"] = Threads,
        ["System.Threading.Tasks.Task.WaitAsync"] = "use context.CreateTimer with Task.WhenAny",
        ["System.Threading.Tasks.Task`1.WaitAsync"] = "use context.CreateTimer with Task.WhenAny",
        ["System.Threading.Tasks.Task.Wait"] = Waiting,
        ["System.Threading.Tasks.Task.WaitAll"] = Waiting,
        ["System.Threading.Tasks.Task.WaitAny"] = Waiting,
        ["System.Threading.Tasks.Task.ContinueWith"] = "await the task, and go on in the next line",
        ["System.Threading.Tasks.Task`1.ContinueWith"] = "await the task, and go on in the next line",
        ["System.Threading.Tasks.TaskFactory.StartNew"] = Threads,
        ["System.Threading.CancellationTokenSource.CancelAsync"] = "use Cancel(), which stays on the thread of the turn",
        ["System.Threading.CancellationTokenSource.CancelAfter"] = Wait,
        ["System.Environment.GetEnvironmentVariable"] = "give it with the input, so that it is in history",
        ["System.Environment.GetEnvironmentVariables"] = "give it with the input, so that it is in history",
        ["System.Environment.get_MachineName"] = "give it with the input, so that it is in history",
        ["System.Environment.get_ProcessId"] = "give it with the input, so that it is in history",
        ["System.Environment.get_TickCount"] = Time,
        ["System.Environment.get_TickCount64"] = Time,
        ["System.Environment.get_CurrentManagedThreadId"] = "decide from the input and from what the context returns",
        ["System.Random.get_Shared"] = "use new Random(seed) with a seed from the input or from context.NewGuid()",
    };

    private static readonly Dictionary<string, string> Types = new(StringComparer.Ordinal)
    {
        ["System.Threading.Thread"] = Threads,
        ["System.Threading.ThreadPool"] = Threads,
        ["System.Threading.Timer"] = Wait,
        ["System.Threading.PeriodicTimer"] = Wait,
        ["System.Timers.Timer"] = Wait,
        ["System.Threading.Tasks.Parallel"] = Threads,
        ["System.Threading.SemaphoreSlim"] = Threads,
        ["System.Threading.Monitor"] = Threads,
        ["System.Threading.Mutex"] = Threads,
        ["System.Security.Cryptography.RandomNumberGenerator"] = "use context.NewGuid()",
        ["System.IO.File"] = Effect,
        ["System.IO.FileInfo"] = Effect,
        ["System.IO.FileStream"] = Effect,
        ["System.IO.Directory"] = Effect,
        ["System.IO.DirectoryInfo"] = Effect,
        ["System.IO.StreamReader"] = Effect,
        ["System.IO.StreamWriter"] = Effect,
        ["System.Diagnostics.Process"] = Effect,
        ["System.Console"] = "use context.CreateReplaySafeLogger, which writes each line once",
    };

    private static readonly string[] Namespaces = ["System.Net.Http", "System.Net.Sockets", "System.Net.WebSockets", "System.Data", "System.IO.Pipes"];

    /// <returns>What to use instead; null: the call is allowed.</returns>
    public static string? Remedy(MethodBase called)
    {
        if (called.DeclaringType is not { } type)
        {
            return null;
        }

        var owner = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        if (Members.TryGetValue($"{owner.FullName}.{called.Name}", out var remedy) || Types.TryGetValue(owner.FullName ?? "", out remedy))
        {
            return remedy;
        }

        if (owner == typeof(Random) && called is ConstructorInfo && called.GetParameters().Length == 0)
        {
            return "use new Random(seed) with a seed from the input or from context.NewGuid()";
        }

        if (owner == typeof(CancellationTokenSource) && called is ConstructorInfo && called.GetParameters().Length > 0)
        {
            return Wait;
        }

        return owner.Namespace is { } space && Array.Exists(Namespaces, one => space == one || space.StartsWith(one + ".", StringComparison.Ordinal)) ? Effect : null;
    }
}
