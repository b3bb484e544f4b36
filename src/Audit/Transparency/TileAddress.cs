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
