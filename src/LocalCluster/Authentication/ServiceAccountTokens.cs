using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Pki;
using Castellan.LocalCluster.Store;

namespace Castellan.LocalCluster.Authentication;

/// <summary>Issues and checks tokens of service accounts: JWTs signed with ES256 by the cluster's own key.</summary>
/// <remarks>Source: Kubernetes documentation, "Managing Service Accounts", bound tokens; RFC 7519, RFC 7518 section 3.4.</remarks>
internal sealed class ServiceAccountTokens : IDisposable
{
    public const string Issuer = "https://kubernetes.default.svc.cluster.local";
    private const int CachedSignatures = 2048;

    private readonly ECDsa key;
    private readonly string header;
    private readonly ObjectStore store;
    private readonly TimeProvider clock;
    private readonly ConcurrentDictionary<string, JsonObject> verified = new(StringComparer.Ordinal);

    private ServiceAccountTokens(ECDsa key, ObjectStore store, TimeProvider clock)
    {
        (this.key, this.store, this.clock) = (key, store, clock);
        KeyId = Base64Url(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        header = Base64Url(new JsonObject { ["alg"] = "ES256", ["kid"] = KeyId, ["typ"] = "JWT" }.ToUtf8());
    }

    public string KeyId { get; }

    /// <summary>Reads the key from a file, or makes one there.</summary>
    public static ServiceAccountTokens Open(string keyFile, ObjectStore store, TimeProvider clock)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (!File.Exists(keyFile))
        {
            PrivateFiles.Write(keyFile, key.ExportPkcs8PrivateKeyPem());
            return new ServiceAccountTokens(key, store, clock);
        }
        try
        {
            key.ImportFromPem(File.ReadAllText(keyFile));
            return new ServiceAccountTokens(key, store, clock);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new InvalidDataException($"{keyFile} is no private key; restore it, or delete it to invalidate all service account tokens", e);
        }
    }

    /// <summary>The public key as a JWK set (RFC 7517).</summary>
    public JsonObject KeySet()
    {
        var point = key.ExportParameters(false).Q;
        return new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["use"] = "sig", ["kty"] = "EC", ["kid"] = KeyId, ["crv"] = "P-256", ["alg"] = "ES256",
                ["x"] = Base64Url(point.X!), ["y"] = Base64Url(point.Y!),
            }),
        };
    }

    public (string Token, DateTimeOffset Expires) Issue(TokenSubject subject, IReadOnlyList<string> audiences, TimeSpan lifetime)
    {
        var now = clock.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        var bound = new JsonObject { ["namespace"] = subject.Namespace };
        if (subject.PodName is not null) bound["pod"] = new JsonObject { ["name"] = subject.PodName, ["uid"] = subject.PodUid };
        bound["serviceaccount"] = new JsonObject { ["name"] = subject.Name, ["uid"] = subject.Uid };
        var claims = new JsonObject
        {
            ["aud"] = audiences.ToJsonArray(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = bound,
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["sub"] = $"{UserInfo.ServiceAccountPrefix}{subject.Namespace}:{subject.Name}",
        };
        var signed = $"{header}.{Base64Url(claims.ToUtf8())}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return ($"{signed}.{Base64Url(signature)}", expires);
    }

    /// <summary>The account behind a token, when it is ours, current, for one of the audiences, and account and pod still exist.</summary>
    /// <remarks>The audiences are those the caller accepts; the token must carry one.</remarks>
    public (UserInfo User, string[] Audiences)? Authenticate(string token, IReadOnlyList<string> audiences)
    {
        if (ReadClaims(token) is not { } claims) return null;
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        if (claims.Text("iss") != Issuer || claims.Integer("exp") <= now || claims.Integer("nbf") > now + 10) return null;
        var shared = claims.Array("aud").Texts().Intersect(audiences).ToArray();
        if (shared.Length == 0) return null;
        var bound = claims.Object("kubernetes.io");
        var (ns, name, uid) = (bound.Text("namespace") ?? "", bound.Object("serviceaccount").Text("name") ?? "", bound.Object("serviceaccount").Text("uid") ?? "");
        if (store.Find(new ObjectKey("/serviceaccounts", ns, name)) is not { } account || account.Uid != uid) return null;
        var extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = [$"JTI={claims.Text("jti")}"] };
        if (bound.Object("pod") is { } pod)
        {
            var found = store.Find(new ObjectKey("/pods", ns, pod.Text("name") ?? ""));
            if (found is null || found.Uid != pod.Text("uid")) return null;
            extra["authentication.kubernetes.io/pod-name"] = [found.Key.Name];
            extra["authentication.kubernetes.io/pod-uid"] = [found.Uid];
        }
        return (UserInfo.ServiceAccount(ns, name, uid) with { Extra = extra }, shared);
    }

    public void Dispose() => key.Dispose();

    private JsonObject? ReadClaims(string token)
    {
        if (verified.TryGetValue(token, out var known)) return known;
        var parts = token.Split('.');
        if (parts.Length != 3 || parts[0] != header) return null; // our own tokens all have our header: no algorithm is negotiated
        var signature = FromBase64Url(parts[2]);
        if (signature is null || !key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256,
            DSASignatureFormat.IeeeP1363FixedFieldConcatenation))
        {
            return null;
        }
        var claims = JsonObjects.Parse(FromBase64Url(parts[1]));
        if (verified.Count >= CachedSignatures) verified.Clear();
        verified[token] = claims;
        return claims;
    }

    private static string Base64Url(ReadOnlySpan<byte> bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private static byte[]? FromBase64Url(string text) =>
        System.Buffers.Text.Base64Url.IsValid(text) ? System.Buffers.Text.Base64Url.DecodeFromChars(text) : null;
}

/// <summary>Whom a token speaks for.</summary>
internal sealed record TokenSubject(string Namespace, string Name, string Uid)
{
    /// <summary>The pod whose deletion ends the token.</summary>
    public string? PodName { get; init; }

    public string? PodUid { get; init; }
}
