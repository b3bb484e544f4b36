using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity;

/// <summary>A public key that verifies JWT-SVIDs.</summary>
/// <param name="KeyId">The <c>kid</c> that tokens name it by.</param>
/// <param name="PublicKey">An <see cref="ECDsa"/> or <see cref="RSA"/> public key.</param>
public sealed record JwtAuthority(string KeyId, AsymmetricAlgorithm PublicKey)
{
    /// <summary>What the authority of this key signs with, for example <c>ES256</c>.</summary>
    /// <exception cref="InvalidOperationException">No algorithm belongs to the key.</exception>
    public string SigningAlgorithm => Algorithms is [var first, ..] ? first.Name : throw new InvalidOperationException($"no signature algorithm belongs to key {KeyId}");

    /// <summary>The public key as a JSON Web Key: kty and the numbers.</summary>
    public JsonObject ExportJwk() => JsonWebKey.Write(PublicKey);

    /// <summary>What tokens may be signed with under this key.</summary>
    internal IReadOnlyList<JwsAlgorithm> Algorithms { get; } = JwsAlgorithm.Of(PublicKey);
}
