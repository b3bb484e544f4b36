using System.Text.Json.Nodes;
using Castellan.Digests;

namespace Castellan.Cli.Audit.Ocsf;

/// <summary>
/// Chains the events of an export, so that who has only the events sees one that was changed or taken out. The log's own hashes are of the
/// records, not of the events; each event carries those too, under <c>unmapped</c>.
/// </summary>
/// <remarks>OCSF 1.9, profile <c>record_integrity</c>: the fingerprint is over the whole event in canonical JSON (RFC 8785), with its place in the chain, and without the fingerprint.</remarks>
/// <param name="chain">Names the chain: the log for an export of all of it, else one of its own.</param>
/// <param name="authority">The log's key.</param>
internal sealed class OcsfChain(string chain, string authority)
{
    private JsonObject? _previous;

    /// <summary>Adds the attestation.</summary>
    public JsonObject Add(JsonObject item)
    {
        var uid = item["metadata"]!["uid"]?.GetValue<string>();
        var attestation = new JsonObject { ["uid"] = $"{chain}:{item["metadata"]!["sequence"]}", ["chain_uid"] = chain, ["authority_uid"] = authority };
        if (_previous is not null)
        {
            attestation["prev_event"] = _previous;
        }

        ((JsonArray)item["metadata"]!["profiles"]!).Add("record_integrity");
        item["attestation_list"] = new JsonArray(attestation);
        var fingerprint = new JsonObject
        {
            ["algorithm"] = "SHA-256",
            ["algorithm_id"] = 3,
            ["encoding"] = "Hex",
            ["encoding_id"] = 1,
            ["serialization"] = "JCS",
            ["serialization_id"] = 2,
            ["value"] = CanonicalJson.Digest(item)["sha256:".Length..],
        };
        attestation["fingerprint"] = fingerprint;
        _previous = new JsonObject { ["uid"] = uid, ["type_uid"] = item["type_uid"]!.DeepClone(), ["fingerprint"] = fingerprint.DeepClone() };
        return item;
    }
}
