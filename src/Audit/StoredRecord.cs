using System.Buffers;
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
    private const int HashSize = SHA256.HashSizeInBytes;

    /// <summary>The hash that follows from a previous hash and a body.</summary>
    public static string HashOf(string previousHash, string body) => HashOf(previousHash, Encoding.UTF8.GetBytes(body));

    /// <summary>The hash that follows from a previous hash and the UTF-8 of a body.</summary>
    public static string HashOf(string previousHash, ReadOnlySpan<byte> body)
    {
        var input = ArrayPool<byte>.Shared.Rent(HashSize + body.Length);
        Span<byte> hash = stackalloc byte[HashSize];
        Convert.FromHexString(previousHash, input, out _, out _);
        body.CopyTo(input.AsSpan(HashSize));
        SHA256.HashData(input.AsSpan(0, HashSize + body.Length), hash);
        ArrayPool<byte>.Shared.Return(input);
        return Convert.ToHexStringLower(hash);
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
/// <param name="Waiting">Durable records that had no number yet.</param>
/// <param name="PrunedThrough">The last record whose text was removed as the log itself says; 0 for none. Its hash is still part of what was checked.</param>
public sealed record LogVerification(
    bool Ok, long Records, LogHead Head, string? Problem = null, long? FirstBadSequence = null, long Waiting = 0, long PrunedThrough = 0);

/// <summary>A page of the log.</summary>
/// <param name="Records">In ascending order.</param>
/// <param name="Next">What to go on after: nothing up to here is left to list.</param>
public sealed record LogPage(IReadOnlyList<StoredRecord> Records, long Next);
