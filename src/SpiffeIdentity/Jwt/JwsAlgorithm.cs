using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>The nine signature algorithms of JWT-SVIDs, each bound to one kind of key.</summary>
/// <remarks>Source: JWT-SVID standard, section 2.1; RFC 7518, sections 3.3 to 3.5.</remarks>
internal sealed class JwsAlgorithm
{
    private const int SmallestRsaBits = 2048;
    private static readonly JwsAlgorithm[] s_all =
    [
        new("ES256", HashAlgorithmName.SHA256, curve: "1.2.840.10045.3.1.7"),
        new("ES384", HashAlgorithmName.SHA384, curve: "1.3.132.0.34"),
        new("ES512", HashAlgorithmName.SHA512, curve: "1.3.132.0.35"),
        new("RS256", HashAlgorithmName.SHA256, padding: RSASignaturePadding.Pkcs1),
        new("RS384", HashAlgorithmName.SHA384, padding: RSASignaturePadding.Pkcs1),
        new("RS512", HashAlgorithmName.SHA512, padding: RSASignaturePadding.Pkcs1),
        new("PS256", HashAlgorithmName.SHA256, padding: RSASignaturePadding.Pss),
        new("PS384", HashAlgorithmName.SHA384, padding: RSASignaturePadding.Pss),
        new("PS512", HashAlgorithmName.SHA512, padding: RSASignaturePadding.Pss),
    ];

    private readonly HashAlgorithmName _hash;
    private readonly string? _curve;
    private readonly RSASignaturePadding? _padding;

    private JwsAlgorithm(string name, HashAlgorithmName hash, string? curve = null, RSASignaturePadding? padding = null) =>
        (Name, _hash, _curve, _padding) = (name, hash, curve, padding);

    /// <summary>The name that the header carries.</summary>
    public string Name { get; }

    /// <summary>The algorithm of that name, or null for every other: none, HMAC, EdDSA.</summary>
    public static JwsAlgorithm? Find(string? name) => Array.Find(s_all, a => a.Name == name);

    /// <summary>The algorithms that may be used with a key: decided by the key, once, and never by a token's header.</summary>
    public static IReadOnlyList<JwsAlgorithm> Of(AsymmetricAlgorithm key) => key switch
    {
        ECDsa ec when ec.ExportParameters(false).Curve.Oid.Value is { } curve => [.. s_all.Where(a => a._curve == curve)],
        RSA { KeySize: >= SmallestRsaBits } => [.. s_all.Where(a => a._padding is not null)],
        _ => [],
    };

    public byte[] Sign(AsymmetricAlgorithm key, ReadOnlySpan<byte> input) => key switch
    {
        ECDsa ec => ec.SignData(input, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        _ => ((RSA)key).SignData(input.ToArray(), _hash, _padding!),
    };

    public bool Verify(AsymmetricAlgorithm key, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature) => key switch
    {
        ECDsa ec => ec.VerifyData(input, signature, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        RSA rsa => rsa.VerifyData(input, signature, _hash, _padding!),
        _ => false,
    };
}
