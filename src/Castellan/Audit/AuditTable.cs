using System.Globalization;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Audit;

/// <summary>Records as lines for people.</summary>
internal static class AuditTable
{
    // Wide enough for most: what is listed as it comes cannot know what is to come.
    private static readonly int[] Widths = [6, 12, 9, 10, 34, 20, 10, 24, 12, 26];

    private static IReadOnlyList<string> Headers(OutputFormat format) => format == OutputFormat.Wide
        ? ["SEQ", "TIME", "STAGE", "KIND", "TARGET", "PRINCIPAL", "FOR", "DECISION", "STATE", "CALL", "RUN", "EFFECT", "REASON", "HASH"]
        : ["SEQ", "TIME", "STAGE", "KIND", "TARGET", "PRINCIPAL", "FOR", "DECISION", "STATE", "CALL"];

    /// <summary>Writes a table.</summary>
    public static void Write(TextWriter output, IReadOnlyList<AuditEntry> entries, OutputFormat format) =>
        ResultWriter.WriteTable(output, Headers(format), entries.Select(e => Row(e, format)));

    /// <summary>Writes the heading of lines that follow one by one.</summary>
    public static void WriteHeading(TextWriter output, OutputFormat format) => WriteCells(output, Headers(format));

    /// <summary>Writes one line.</summary>
    public static void WriteLine(TextWriter output, AuditEntry entry, OutputFormat format) => WriteCells(output, Row(entry, format));

    private static void WriteCells(TextWriter output, IReadOnlyList<string> cells) =>
        output.WriteLine(string.Join("   ", cells.Select((cell, i) => ResultWriter.Printable(cell.ReplaceLineEndings(" ")).PadRight(i < Widths.Length ? Widths[i] : 0))).TrimEnd());

    private static string[] Row(AuditEntry e, OutputFormat format)
    {
        string[] cells =
        [
            e.Sequence.ToString(CultureInfo.InvariantCulture),
            e.Time.ToString(format == OutputFormat.Wide ? "yyyy-MM-dd HH:mm:ss.fff" : "HH:mm:ss.fff", CultureInfo.InvariantCulture),
            e.Stage,
            e.Kind,
            e.Server is null ? e.Target ?? "" : $"{e.Server}.{e.Target}",
            e.Principal ?? "",
            e.OnBehalfOf ?? "",
            e.Rule is null ? e.Decision ?? "" : $"{e.Decision} ({e.Rule})",
            e.Attempt > 1 ? $"{e.State} (attempt {e.Attempt})" : e.State ?? "",
            e.CallId ?? "",
        ];
        return format == OutputFormat.Wide ? [.. cells, e.RunId ?? "", e.Effect ?? "", e.Record["why"]?["reason"]?.ToString() ?? "", e.Hash[..Math.Min(12, e.Hash.Length)]] : cells;
    }
}
