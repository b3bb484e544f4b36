using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>A public key that verifies JWT-SVIDs.</summary>
/// <param name="KeyId">The <c>kid</c> that tokens name it by.</param>
/// <param name="PublicKey">An <see cref="ECDsa"/> or <see cref="RSA"/> public key.</param>
public sealed record JwtAuthority(string KeyId, AsymmetricAlgorithm PublicKey)
{
    /// <summary>What tokens may be signed with under this key.</summary>
    internal IReadOnlyList<JwsAlgorithm> Algorithms { get; } = JwsAlgorithm.Of(PublicKey);
}
