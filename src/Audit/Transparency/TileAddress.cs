using System.Globalization;

namespace Castellan.Audit.Transparency;

/// <summary>Which tile of a log: 256 hashes of a level of the tree that is a multiple of eight, or fewer at the right edge.</summary>
/// <param name="Level">0 holds leaf hashes, 1 roots of 256 leaves, 2 roots of 65,536.</param>
/// <param name="Index">From the left, from 0.</param>
/// <param name="Width">Hashes in it: 1 to 256.</param>
/// <remarks>C2SP tlog-tiles.</remarks>
public readonly record struct TileAddress(int Level, long Index, int Width)
{
    /// <summary>Hashes of a full tile.</summary>
    public const int FullWidth = 256;

    /// <summary>Levels of the tree that a tile spans.</summary>
    public const int Height = 8;

    /// <summary>Path below the log, for example <c>tile/0/x001/x234/067.p/8</c>.</summary>
    public string Path => $"tile/{Level.ToString(CultureInfo.InvariantCulture)}/{Groups(Index)}{Suffix(Width)}";

    /// <summary>Path of a bundle of entries, for example <c>tile/entries/x001/067</c>.</summary>
    /// <param name="index">From the left, from 0: bundle <c>n</c> holds the entries from <c>256·n</c>.</param>
    /// <param name="width">Entries in it: 1 to 256.</param>
    public static string EntriesPath(long index, int width) => $"tile/entries/{Groups(index)}{Suffix(width)}";

    /// <summary>Reads a path below the log.</summary>
    /// <returns>False when it is no tile's path. A bundle of entries has the level -1.</returns>
    public static bool TryParse(string path, out TileAddress address)
    {
        address = default;
        if (path.Split('/') is not ["tile", { } level, .. var rest] || rest.Length == 0)
        {
            return false;
        }

        var width = FullWidth;
        if (rest.Length > 1 && rest[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!TryNumber(rest[^1], out var partial) || partial is < 1 or >= FullWidth)
            {
                return false;
            }

            width = (int)partial;
            rest = [.. rest[..^2], rest[^2][..^2]];
        }

        if (!TryLevel(level, out var parsedLevel) || rest.Length > 6)
        {
            return false;
        }

        var index = 0L;
        for (var i = 0; i < rest.Length; i++)
        {
            var digits = i < rest.Length - 1 && rest[i].StartsWith('x') ? rest[i][1..] : i == rest.Length - 1 ? rest[i] : "";
            if (digits.Length != 3 || !TryNumber(digits.TrimStart('0') is { Length: > 0 } significant ? significant : "0", out var group))
            {
                return false;
            }

            index = (index * 1000) + group;
        }

        address = new(parsedLevel, index, width);
        return (parsedLevel == EntriesLevel ? EntriesPath(index, width) : address.Path) == path; // one path for one tile
    }

    /// <summary>The level that stands for bundles of entries.</summary>
    public const int EntriesLevel = -1;

    private static bool TryLevel(string text, out int level)
    {
        if (text == "entries")
        {
            level = EntriesLevel;
            return true;
        }

        var isLevel = TryNumber(text, out var number) && number < 64 / Height;
        level = (int)number;
        return isLevel;
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && text == number.ToString(CultureInfo.InvariantCulture);

    private static string Suffix(int width) => width == FullWidth ? "" : $".p/{width.ToString(CultureInfo.InvariantCulture)}";

    // Groups of three digits, all but the last marked with x, so that no folder grows beyond a thousand.
    private static string Groups(long index)
    {
        var path = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        while ((index /= 1000) > 0)
        {
            path = $"x{(index % 1000).ToString("000", CultureInfo.InvariantCulture)}/{path}";
        }

        return path;
    }
}
