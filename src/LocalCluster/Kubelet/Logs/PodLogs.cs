using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.CompilerServices;
using Castellan.LocalCluster.Pods;

namespace Castellan.LocalCluster.Kubelet.Logs;

/// <summary>Reads the logs the kubelet wrote, rotated parts included, and follows the ones it writes now.</summary>
internal sealed class PodLogs(string podsDirectory) : IPodLogs
{
    private readonly ConcurrentDictionary<string, ContainerLog> _open = new();

    /// <summary>Names a log that is being written, so that it can be followed.</summary>
    public void Opened(ContainerLog log) => _open[log.File] = log;

    public void Closed(ContainerLog log) => _open.TryRemove(new(log.File, log));

    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(PodLogQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var file = FindFile(query);
        // The first, empty chunk tells a follower that the log is there before anything is written to it.
        if (query.Follow) yield return ReadOnlyMemory<byte>.Empty;
        var left = query.LimitBytes ?? long.MaxValue;
        var lines = ReadLinesAsync(file, query.Follow, query.TailLines is { } n ? (int)Math.Min(n, int.MaxValue) : null, ct);
        await foreach (var line in lines)
        {
            if (query.Since is { } since && line.Time < since) continue;
            var text = line.Render(query.Timestamps);
            if (text.Length > left) text = text[..(int)left];
            left -= text.Length;
            if (text.Length > 0) yield return text;
            if (left <= 0) yield break;
        }
    }

    /// <summary>The last bytes of a log's text, for a termination message.</summary>
    public static async Task<string> TailAsync(string file, int lines, int bytes, CancellationToken ct)
    {
        var tail = new Queue<ReadOnlyMemory<byte>>();
        foreach (var part in Parts(file))
        {
            await foreach (var raw in LineReader.ReadAsync(part, ct))
            {
                if (LogLine.Parse(raw) is { } line) tail.Enqueue(line.Render(withTime: false));
                if (tail.Count > lines) tail.Dequeue();
            }
        }
        var text = string.Concat(tail.Select(t => System.Text.Encoding.UTF8.GetString(t.Span)));
        return text.Length <= bytes ? text : text[^bytes..];
    }

    private async IAsyncEnumerable<LogLine> ReadLinesAsync(string file, bool follow, int? tail, [EnumeratorCancellation] CancellationToken ct)
    {
        _open.TryGetValue(file, out var live);
        if (tail is { } count)
        {
            var last = new Queue<LogLine>();
            var position = new Position(live?.Rotations ?? 0, 0);
            foreach (var part in Parts(file))
            {
                position = position with { Offset = 0 };
                await foreach (var (line, offset) in LineReader.ReadFromAsync(part, 0, ct))
                {
                    position = position with { Offset = offset };
                    if (count > 0 && LogLine.Parse(line) is { } parsed) last.Enqueue(parsed);
                    if (last.Count > count) last.Dequeue();
                }
            }
            foreach (var line in last) yield return line;
            if (follow && live is not null) await foreach (var line in FollowAsync(live, position, ct)) yield return line;
            yield break;
        }
        if (follow && live is not null)
        {
            foreach (var part in Parts(file).SkipLast(1))
                await foreach (var raw in LineReader.ReadAsync(part, ct)) if (LogLine.Parse(raw) is { } line) yield return line;
            await foreach (var line in FollowAsync(live, new Position(live.Rotations, 0), ct)) yield return line;
            yield break;
        }
        foreach (var part in Parts(file))
            await foreach (var raw in LineReader.ReadAsync(part, ct)) if (LogLine.Parse(raw) is { } line) yield return line;
    }

    private static async IAsyncEnumerable<LogLine> FollowAsync(ContainerLog log, Position at, [EnumeratorCancellation] CancellationToken ct)
    {
        while (true)
        {
            var changed = log.Changed;
            var closed = log.IsClosed;
            // A part that was rotated away meanwhile is read to its end under its new name.
            var rotated = log.Rotations > at.Rotation;
            var part = rotated ? $"{log.File}.{at.Rotation + 1}" : log.File;
            await foreach (var (raw, offset) in LineReader.ReadFromAsync(part, at.Offset, ct))
            {
                at = at with { Offset = offset };
                if (LogLine.Parse(raw) is { } line) yield return line;
            }
            if (rotated) at = new Position(at.Rotation + 1, 0);
            else if (closed) yield break;
            else await changed.WaitAsync(ct);
        }
    }

    private string FindFile(PodLogQuery query)
    {
        var folder = PodFolder.Of(podsDirectory, query.PodUid).LogFolder(query.Container);
        var starts = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.log").Select(f => int.Parse(Path.GetFileNameWithoutExtension(f), CultureInfo.InvariantCulture)).Order().ToList()
            : [];
        // While a container waits for its restart, the start that ended last is the previous one.
        if (query.Previous && (starts.Count == 0 || _open.ContainsKey(Path.Combine(folder, $"{starts[^1]}.log"))))
        {
            return starts.Count >= 2 ? Path.Combine(folder, $"{starts[^2]}.log") : throw new PodLogUnavailableException(
                $"previous terminated container \"{query.Container}\" in pod \"{query.Pod}\" not found");
        }
        return starts.Count >= 1 ? Path.Combine(folder, $"{starts[^1]}.log") : throw new PodLogUnavailableException(
            $"container \"{query.Container}\" in pod \"{query.Pod}\" is waiting to start: ContainerCreating");
    }

    /// <summary>The files of a log, oldest first, the current one last.</summary>
    private static List<string> Parts(string file)
    {
        var rotated = Directory.EnumerateFiles(Path.GetDirectoryName(file)!, Path.GetFileName(file) + ".*")
            .Where(f => f.Length > file.Length) // ".*" takes the file itself too
            .OrderBy(f => int.Parse(Path.GetExtension(f).AsSpan(1), CultureInfo.InvariantCulture));
        return [.. rotated, file];
    }

    private readonly record struct Position(int Rotation, long Offset);
}
