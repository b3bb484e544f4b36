using System.Buffers;
using System.Globalization;
using System.Text;

namespace Castellan.LocalCluster.Kubelet.Logs;

/// <summary>The log of one start of a container, in the format of the container runtimes, rotated by size.</summary>
/// <remarks>Format (CRI): <c>TIME stdout|stderr F|P TEXT</c>; P marks a part of a line longer than 16 KiB. Older parts of the log are FILE.1, FILE.2, … in order of age.</remarks>
internal sealed class ContainerLog : IDisposable
{
    private const int LongestPart = 16 * 1024;
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _fileBytes;
    private readonly int _files;
    private FileStream _stream;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ContainerLog(string file, KubeletOptions options, TimeProvider time)
    {
        (File, _time, _fileBytes, _files) = (file, time, options.LogFileBytes, options.LogFiles);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        _stream = Open();
    }

    public string File { get; }

    /// <summary>How often the file was rotated.</summary>
    public int Rotations { get; private set; }

    /// <summary>True when nothing more will come.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Completes at the next change. Take it before reading, then nothing is missed.</summary>
    public Task Changed
    {
        get
        {
            lock (_gate) return IsClosed ? Task.CompletedTask : _changed.Task;
        }
    }

    /// <summary>Copies a stream of output into the log, line by line, until it ends.</summary>
    public async Task PumpAsync(Stream source, string name, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(LongestPart);
        var filled = 0;
        try
        {
            while (await source.ReadAsync(buffer.AsMemory(filled, LongestPart - filled), ct) is > 0 and var read)
            {
                filled += read;
                filled = Append(buffer.AsSpan(0, filled), name);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The process is gone and its pipe with it; what came before is written below.
        }
        finally
        {
            if (filled > 0) Write(buffer.AsSpan(0, filled), name, isWhole: true);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (IsClosed) return;
            IsClosed = true;
            _stream.Dispose();
            _changed.TrySetResult();
        }
    }

    /// <summary>Writes the whole lines and gives how many bytes of the last, unfinished one were moved to the front.</summary>
    private int Append(Span<byte> bytes, string name)
    {
        var rest = bytes;
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Write(rest[..end], name, isWhole: true);
            rest = rest[(end + 1)..];
        }
        if (rest.Length == LongestPart)
        {
            Write(rest, name, isWhole: false);
            rest = [];
        }
        rest.CopyTo(bytes);
        Flush();
        return rest.Length;
    }

    private void Write(ReadOnlySpan<byte> line, string name, bool isWhole)
    {
        var now = _time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);
        lock (_gate)
        {
            if (IsClosed) return;
            _stream.Write(Encoding.ASCII.GetBytes($"{now} {name} {(isWhole ? 'F' : 'P')} "));
            _stream.Write(line);
            _stream.WriteByte((byte)'\n');
            if (_stream.Position >= _fileBytes) Rotate();
        }
    }

    private void Flush()
    {
        lock (_gate)
        {
            if (IsClosed) return;
            _stream.Flush();
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Rotate()
    {
        _stream.Dispose();
        Rotations++;
        System.IO.File.Move(File, $"{File}.{Rotations}", overwrite: true);
        System.IO.File.Delete($"{File}.{Rotations - _files + 1}");
        _stream = Open();
    }

    // Readers may hold a file that is being rotated or deleted.
    private FileStream Open() => new(File, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete, 4096);
}
