namespace Castellan.Audit.Transparency;

/// <summary>The text of a record was removed, as the log itself says.</summary>
public sealed class RecordPrunedException(long sequence, long through) : Exception(
    $"the text of record {sequence} is gone: records up to {through} are pruned; a proof that was made before still holds")
{
    /// <summary>The last record whose text is gone.</summary>
    public long Through { get; } = through;
}
