using System.Text.Json.Nodes;

namespace Castellan.GatewayApi;

/// <summary>One record of the audit log.</summary>
public sealed record AuditEntry
{
    /// <summary>Place in the log: 1, 2, 3 …</summary>
    public required long Sequence { get; init; }

    /// <summary>When it was appended (UTC).</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>received, decided, approved, refused, expired, intent or completed.</summary>
    public required string Stage { get; init; }

    /// <summary>tool, model, run, policy, workflow, delegation, access or retention.</summary>
    public required string Kind { get; init; }

    /// <summary>The call it is about.</summary>
    public string? CallId { get; init; }

    /// <summary>The run it is about.</summary>
    public string? RunId { get; init; }

    /// <summary>Who asked.</summary>
    public string? Principal { get; init; }

    /// <summary>For whom.</summary>
    public string? OnBehalfOf { get; init; }

    /// <summary>Tool server.</summary>
    public string? Server { get; init; }

    /// <summary>Tool or model.</summary>
    public string? Target { get; init; }

    /// <summary>What the tool does to the world.</summary>
    public string? Effect { get; init; }

    /// <summary>What policy decided.</summary>
    public string? Decision { get; init; }

    /// <summary>The rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary>How it ended.</summary>
    public string? State { get; init; }

    /// <summary>Which attempt of the effect.</summary>
    public int? Attempt { get; init; }

    /// <summary>SHA-256 of the previous record, hex; 64 zeros for the first.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>SHA-256 over the previous hash and the canonical record, hex.</summary>
    public required string Hash { get; init; }

    /// <summary>The whole record.</summary>
    public required JsonObject Record { get; init; }
}

/// <summary>Where the log stood at some time; remember it outside of the gateway to notice a cut tail.</summary>
/// <param name="Sequence">Sequence of the last record; 0 for an empty log.</param>
/// <param name="Hash">Its hash, hex.</param>
public sealed record AuditHead(long Sequence, string Hash);

/// <summary>Asks for a verification.</summary>
/// <param name="Remembered">A head seen earlier: the log must still contain it.</param>
public sealed record VerifyAuditRequest(AuditHead? Remembered = null);

/// <summary>What a verification found.</summary>
/// <param name="Ok">Every record follows from the one before, and the remembered head is in the log.</param>
/// <param name="Records">Records read.</param>
/// <param name="Head">Where the log stands now.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="FirstBadSequence">The first record that is wrong or missing.</param>
/// <param name="Waiting">Durable records that had no number yet.</param>
/// <param name="PrunedThrough">The last record whose text was removed as the log itself says; 0 for none.</param>
public sealed record AuditVerification(bool Ok, long Records, AuditHead Head, string? Problem = null, long? FirstBadSequence = null, long Waiting = 0,
    long PrunedThrough = 0);
