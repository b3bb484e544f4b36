using System.Text;

namespace Castellan.KubeClient.Transport;

/// <summary>Sends one header line per impersonated group.</summary>
/// <remarks>
/// Kubernetes reads each group from a line of its own, and a comma may be part of a group's name; .NET joins the values of a header with commas
/// and offers no way around it. So the values travel as one, with a private character between them that this encoding turns into a new line
/// of the same header. That holds for HTTP/1.1 only: such requests must ask for it.
/// </remarks>
internal sealed class RepeatedHeader(string name) : Encoding
{
    private const char Separator = '\uE000';
    private readonly string _line = $"\r\n{name}: ";

    /// <exception cref="ArgumentException">A value holds what would end the line.</exception>
    public static string Join(IEnumerable<string> values)
    {
        var all = values.ToList();
        if (all.Find(v => v.AsSpan().IndexOfAny(Separator, '\r', '\n') >= 0) is { } bad)
            throw new ArgumentException($"the group '{bad}' holds a character that no header can carry; correct the group");
        return string.Join(Separator, all);
    }

    public override int GetByteCount(char[] chars, int index, int count) => UTF8.GetByteCount(Lines(chars, index, count));

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        UTF8.GetBytes(Lines(chars, charIndex, charCount), bytes.AsSpan(byteIndex));

    public override int GetCharCount(byte[] bytes, int index, int count) => UTF8.GetCharCount(bytes, index, count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        UTF8.GetChars(bytes, byteIndex, byteCount, chars, charIndex);

    public override int GetMaxByteCount(int charCount) => UTF8.GetMaxByteCount(charCount * _line.Length);

    public override int GetMaxCharCount(int byteCount) => UTF8.GetMaxCharCount(byteCount);

    private string Lines(char[] chars, int index, int count) => new string(chars, index, count).Replace(Separator.ToString(), _line, StringComparison.Ordinal);
}
