using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Oidc;

/// <summary>The two documents that an OpenID consumer reads. Pure: a bundle in, JSON out.</summary>
/// <remarks>Sources: OpenID Connect Discovery 1.0, section 3; RFC 7517.</remarks>
internal static class OidcDocuments
{
    public const string DiscoveryPath = "/.well-known/openid-configuration";
    public const string KeysPath = "/keys";

    /// <summary>Says where the keys are. There is no authorization endpoint: nobody logs in here, workloads get their tokens from the Workload API.</summary>
    public static byte[] Discovery(string issuer, TrustBundle bundle) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject
    {
        ["issuer"] = issuer,
        ["jwks_uri"] = issuer + KeysPath,
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray([.. bundle.JwtAuthorities.Select(a => JsonValue.Create(a.SigningAlgorithm)).DistinctBy(a => (string)a!)]),
        ["claims_supported"] = new JsonArray("iss", "sub", "aud", "iat", "exp"),
    });

    /// <summary>The public keys of tokens and nothing else: those that sign, those that will, and those whose tokens are still valid.</summary>
    public static byte[] Keys(TrustBundle bundle) => JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["keys"] = new JsonArray([.. bundle.JwtAuthorities.Select(Key)]) });

    private static JsonNode Key(JwtAuthority authority)
    {
        var key = authority.ExportJwk();
        key["use"] = "sig";
        key["alg"] = authority.SigningAlgorithm;
        key["kid"] = authority.KeyId;
        return key;
    }
}
