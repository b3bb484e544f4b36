using System.Globalization;
using System.Text.RegularExpressions;

namespace Castellan.Cel.Library;

/// <summary>A version such as 1.2.3-rc.1+build.</summary>
/// <remarks>Source: semver.org, version 2.0.0, sections 2 to 11.</remarks>
internal sealed partial class SemanticVersion(long[] numbers, string[] preRelease, string text) : CelOpaque, IComparable<SemanticVersion>
{
    public static readonly CelType CelType = CelType.Opaque("kubernetes.Semver");
    private const int LongestText = 256;

    public long[] Numbers { get; } = numbers;

    public string[] PreRelease { get; } = preRelease;

    public override CelType Type => CelType;

    public static SemanticVersion? Parse(string text, bool normalize = false)
    {
        if (text.Length > LongestText) return null;
        var match = Form().Match(normalize ? Normal(text) : text);
        if (!match.Success) return null;
        var numbers = new long[3];
        for (var i = 0; i < 3; i++)
        {
            if (!long.TryParse(match.Groups[i + 1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        }
        return new SemanticVersion(numbers, match.Groups[4].Success ? match.Groups[4].Value.Split('.') : [], match.Value);
    }

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null) return 1;
        var order = Numbers.AsSpan().SequenceCompareTo(other.Numbers);
        if (order != 0) return Math.Sign(order);
        if (PreRelease.Length == 0 || other.PreRelease.Length == 0) return other.PreRelease.Length.CompareTo(PreRelease.Length) is var empty && empty != 0 ? Math.Sign(empty) : 0;
        for (var i = 0; i < Math.Min(PreRelease.Length, other.PreRelease.Length); i++)
        {
            if (ComparePart(PreRelease[i], other.PreRelease[i]) is var part && part != 0) return Math.Sign(part);
        }
        return PreRelease.Length.CompareTo(other.PreRelease.Length);
    }

    public override bool Equals(object? obj) => obj is SemanticVersion other && CompareTo(other) == 0;

    public override int GetHashCode() => HashCode.Combine(Numbers[0], Numbers[1], Numbers[2]);

    public override string ToString() => text;

    // Numbers come before words; they are compared by length first, so that none is too large.
    private static int ComparePart(string a, string b)
    {
        var (aIsNumber, bIsNumber) = (a.All(char.IsAsciiDigit), b.All(char.IsAsciiDigit));
        if (aIsNumber != bIsNumber) return aIsNumber ? -1 : 1;
        return aIsNumber && a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b);
    }

    /// <summary>Without a leading v and leading zeros, and with the parts that are missing.</summary>
    private static string Normal(string text)
    {
        var rest = text.StartsWith('v') || text.StartsWith('V') ? text[1..] : text;
        var end = rest.AsSpan().IndexOfAny('-', '+');
        var core = end < 0 ? rest : rest[..end];
        var parts = core.Split('.').Select(p => p.Length > 1 ? p.TrimStart('0') is { Length: > 0 } digits ? digits : "0" : p).ToList();
        while (parts.Count < 3) parts.Add("0");
        return string.Join('.', parts) + (end < 0 ? "" : rest[end..]);
    }

    [GeneratedRegex(@"\A(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:-((?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Form();
}
