using System.Globalization;
using System.Text;

namespace Castellan.LocalCluster.Kubelet.Logs;

/// <summary>One line of a container's log file.</summary>
internal readonly struct LogLine(byte[] raw, int textStart, bool isWhole)
{
    /// <summary>Splits <c>TIME STREAM TAG TEXT</c>; null for anything else, such as a line cut off by a crash.</summary>
    public static LogLine? Parse(byte[] raw)
    {
        var first = raw.AsSpan().IndexOf((byte)' ');
        if (first <= 0) return null;
        var second = raw.AsSpan(first + 1).IndexOf((byte)' ') + first + 1;
        if (second <= first || raw.Length < second + 3 || raw[second + 2] != ' ') return null;
        return new LogLine(raw, second + 3, raw[second + 1] == 'F');
    }

    /// <summary>When it was written.</summary>
    public DateTimeOffset Time => DateTimeOffset.TryParse(Encoding.ASCII.GetString(TimeText), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time : DateTimeOffset.MinValue;

    private ReadOnlySpan<byte> TimeText => raw.AsSpan(0, raw.AsSpan().IndexOf((byte)' '));

    /// <summary>The text, with its line end if the line is whole.</summary>
    public ReadOnlyMemory<byte> Render(bool withTime)
    {
        var text = raw.AsSpan(textStart);
        var time = withTime ? TimeText : [];
        var result = new byte[time.Length + (withTime ? 1 : 0) + text.Length + (isWhole ? 1 : 0)];
        time.CopyTo(result);
        if (withTime) result[time.Length] = (byte)' ';
        text.CopyTo(result.AsSpan(result.Length - text.Length - (isWhole ? 1 : 0)));
        if (isWhole) result[^1] = (byte)'\n';
        return result;
    }
}
