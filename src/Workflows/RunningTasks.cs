using System.Collections.Concurrent;

namespace Castellan.Workflows;

/// <summary>Work that runs beside its starter and is awaited at the end.</summary>
internal sealed class RunningTasks
{
    private readonly ConcurrentDictionary<Task, byte> _tasks = new();

    public int Count => _tasks.Count;

    /// <param name="task">Reports its own errors; it does not throw.</param>
    public void Add(Task task)
    {
        if (task.IsCompleted)
        {
            return;
        }

        _tasks.TryAdd(task, 0);
        task.ContinueWith(static (done, set) => ((ConcurrentDictionary<Task, byte>)set!).TryRemove(done, out _), _tasks,
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Completes when no task is left, also those added meanwhile.</summary>
    public async Task WhenAll()
    {
        while (!_tasks.IsEmpty)
        {
            await Task.WhenAll(_tasks.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Yield();
        }
    }
}
