using System.Runtime.CompilerServices;

namespace Castellan.LocalCluster.Kubelet.Logs;

/// <summary>Reads the whole lines of a file that may grow, be renamed or be deleted meanwhile.</summary>
internal static class LineReader
{
    public static async IAsyncEnumerable<byte[]> ReadAsync(string file, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var (line, _) in ReadFromAsync(file, 0, ct)) yield return line;
    }

    /// <summary>The lines from an offset, each with the offset after it; a last line without its end is left for later.</summary>
    public static async IAsyncEnumerable<(byte[] Line, long Offset)> ReadFromAsync(string file, long offset, [EnumeratorCancellation] CancellationToken ct)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            yield break; // rotated out of existence
        }
        await using (stream)
        {
            stream.Position = offset;
            var buffer = new byte[32 * 1024];
            var line = new MemoryStream();
            while (await stream.ReadAsync(buffer, ct) is > 0 and var read)
            {
                var rest = buffer.AsMemory(0, read);
                while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
                {
                    line.Write(rest.Span[..end]);
                    offset += line.Length + 1;
                    yield return (line.ToArray(), offset);
                    line.SetLength(0);
                    rest = rest[(end + 1)..];
                }
                line.Write(rest.Span);
            }
        }
    }
}
