namespace Castellan.Audit;

/// <summary>Walks the chain record by record; pure, so that each kind of tampering is a row in a test.</summary>
/// <param name="remembered">A head seen earlier; null skips that check.</param>
/// <param name="start">What the first record must follow.</param>
internal sealed class ChainCheck(LogHead? remembered, LogHead start)
{
    private long _records;

    internal LogHead Head { get; private set; } = start;

    /// <summary>Takes the next record in stored order; returns the finding if the chain breaks here.</summary>
    /// <param name="record">The record.</param>
    /// <param name="link">What its text says.</param>
    internal LogVerification? Next(in ChainLink record, in ExaminedLink link)
    {
        var expected = Head.Sequence + 1;
        if (record.Sequence != expected)
        {
            return Broken(expected, record.Sequence == expected + 1
                ? $"record {expected} is missing"
                : $"records {expected} to {record.Sequence - 1} are missing");
        }

        if (link.Facets?.Sequence != record.Sequence)
        {
            return Broken(expected, $"record {expected} says of itself that it is another: it was moved or rewritten");
        }

        if (record.PreviousHash != Head.Hash)
        {
            return Broken(expected, $"record {expected} does not follow from record {Head.Sequence}: one of them was replaced or moved");
        }

        if (link.Hash != record.Hash)
        {
            return Broken(expected, $"record {expected} was edited: its text does not give its hash");
        }

        if (link.Facets.Time != record.Time || SearchColumns.Of(link.Facets) != record.Columns)
        {
            return Broken(expected, $"record {expected} is filed under what it does not say: a column was edited to hide it from filters");
        }

        if (remembered is { } known && known.Sequence == record.Sequence && known.Hash != record.Hash)
        {
            return Broken(expected, $"record {expected} is not the one remembered: the log was rewritten");
        }

        _records++;
        Head = new LogHead(record.Sequence, record.Hash);
        return null;
    }

    /// <summary>The finding once no record is left.</summary>
    internal LogVerification End() => remembered is { } known && known.Sequence > Head.Sequence
        ? Broken(Head.Sequence + 1, $"the log ends at record {Head.Sequence} but once reached {known.Sequence}: its tail was cut")
        : new LogVerification(true, _records, Head);

    private LogVerification Broken(long sequence, string problem) => new(false, _records, Head, problem, sequence);
}
