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

    private readonly string _name;
    private readonly HashAlgorithmName _hash;
    private readonly string? _curve;
    private readonly RSASignaturePadding? _padding;

    private JwsAlgorithm(string name, HashAlgorithmName hash, string? curve = null, RSASignaturePadding? padding = null) =>
        (_name, _hash, _curve, _padding) = (name, hash, curve, padding);

    /// <summary>The algorithm of that name, or null for every other: none, HMAC, EdDSA.</summary>
    public static JwsAlgorithm? Find(string? name) => Array.Find(s_all, a => a._name == name);

    /// <summary>True when this algorithm may be used with the key; the bundle's key decides, never the token's header.</summary>
    public bool Fits(AsymmetricAlgorithm key) => key switch
    {
        ECDsa ec => _curve is not null && ec.ExportParameters(false).Curve.Oid.Value == _curve,
        RSA rsa => _padding is not null && rsa.KeySize >= SmallestRsaBits,
        _ => false,
    };

    public bool Verify(AsymmetricAlgorithm key, ReadOnlySpan<byte> input, ReadOnlySpan<byte> signature) => key switch
    {
        ECDsa ec => ec.VerifyData(input, signature, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation),
        RSA rsa => rsa.VerifyData(input, signature, _hash, _padding!),
        _ => false,
    };
}
