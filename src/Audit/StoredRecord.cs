using System.Security.Cryptography;
using System.Text;

namespace Castellan.Audit;

/// <summary>A record with its place in the chain.</summary>
/// <param name="Sequence">1, 2, 3 … without gaps.</param>
/// <param name="Time">When it was appended (UTC).</param>
/// <param name="PreviousHash">Hash of the record before, 64 hex digits; zeros for the first.</param>
/// <param name="Hash">SHA-256 over the previous hash (32 bytes) and the UTF-8 of <paramref name="Body"/>, 64 hex digits.</param>
/// <param name="Body">The record in canonical JSON, with <c>schemaVersion</c>, <c>id</c>, <c>sequence</c> and <c>time</c>.</param>
public sealed record StoredRecord(long Sequence, DateTimeOffset Time, string PreviousHash, string Hash, string Body)
{
    /// <summary>The hash that follows from a previous hash and a body.</summary>
    public static string HashOf(string previousHash, string body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Convert.FromHexString(previousHash));
        hash.AppendData(Encoding.UTF8.GetBytes(body));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

/// <summary>The last record of the log at some time.</summary>
/// <param name="Sequence">Its sequence; 0 for an empty log.</param>
/// <param name="Hash">Its hash; zeros for an empty log.</param>
public readonly record struct LogHead(long Sequence, string Hash)
{
    /// <summary>The head of a log without records.</summary>
    public static LogHead Empty { get; } = new(0, new string('0', 64));
}

/// <summary>What a verification found.</summary>
/// <param name="Ok">Nothing is wrong.</param>
/// <param name="Records">Records read.</param>
/// <param name="Head">The last good record.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="FirstBadSequence">The first record that is wrong or missing.</param>
public sealed record LogVerification(bool Ok, long Records, LogHead Head, string? Problem = null, long? FirstBadSequence = null);

/// <summary>Which records to list.</summary>
/// <param name="After">Only records after this sequence.</param>
/// <param name="Limit">Most records: 1 to 1000.</param>
/// <param name="RunId">Only records of this run.</param>
/// <param name="CallId">Only records of this call.</param>
/// <param name="Newest">True takes the newest that match instead of the oldest; the order is ascending either way.</param>
public sealed record LogFilter(long After = 0, int Limit = 100, string? RunId = null, string? CallId = null, bool Newest = false);
