using Castellan.Audit.Transparency;
using Castellan.Storage;

namespace Castellan.Audit;

/// <summary>A record as verification reads it: its text as bytes, and the columns that filters believe.</summary>
internal readonly record struct ChainLink(long Sequence, DateTimeOffset Time, string PreviousHash, string Hash, byte[] Body, SearchColumns Columns)
{
    internal const string Select =
        "select sequence, time, previous_hash, hash, body, call_id, run_id, stage, kind, namespace, agent, person, server, name, decision, status from audit_record ";

    internal static ChainLink Read(SqlRow row) => new(row.GetInt64(0), row.GetTime(1), row.GetString(2), row.GetString(3), row.GetBytes(4), new(
        row.GetStringOrNull(5), row.GetStringOrNull(6), row.GetString(7), row.GetString(8), row.GetStringOrNull(9), row.GetStringOrNull(10),
        row.GetStringOrNull(11), row.GetStringOrNull(12), row.GetStringOrNull(13), row.GetStringOrNull(14), row.GetStringOrNull(15)));
}

/// <summary>What the text of a record says of itself, found out without looking at any other: that is most of the work, and many are examined at once.</summary>
/// <param name="Facets">What it is found by; null if it is no record.</param>
/// <param name="Hash">Its hash in the chain, behind the previous hash that it states.</param>
/// <param name="Leaf">Its hash in the tree.</param>
internal readonly record struct ExaminedLink(RecordFacets? Facets, string Hash, MerkleHash Leaf)
{
    internal static ExaminedLink Of(ChainLink record) => new(RecordFacets.Read(record.Body), StoredRecord.HashOf(record.PreviousHash, record.Body), MerkleHash.OfLeaf(record.Body));
}

/// <summary>The columns that a record is found by.</summary>
internal readonly record struct SearchColumns(
    string? CallId, string? RunId, string Stage, string Kind, string? Namespace, string? Agent, string? Person, string? Server, string? Name, string? Decision, string? Status)
{
    internal static SearchColumns Of(RecordFacets facets) => new(
        facets.CallId, facets.RunId, facets.Stage, facets.Kind, facets.Namespace, facets.Agent, facets.Person, facets.Server, facets.Name, facets.Decision, facets.Status);
}
