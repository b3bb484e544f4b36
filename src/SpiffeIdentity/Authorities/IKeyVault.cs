using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>Where the private keys of an authority live.</summary>
/// <remarks>
/// <see cref="FileKeyVault"/> keeps them, encrypted, in the authority's own file. A vault over a hardware token (PKCS#11) stores only a
/// handle there and gives keys that sign inside the token: nothing here ever exports a private key of a vault.
/// </remarks>
public interface IKeyVault
{
    /// <summary>Makes a key and gives what must be stored to open it again.</summary>
    VaultKey Create(AuthorityKeyType type);

    /// <summary>Opens a key by what <see cref="Create"/> gave.</summary>
    /// <exception cref="CryptographicException">The bytes are damaged, or sealed with a key that this vault does not hold.</exception>
    VaultKey Open(ReadOnlySpan<byte> stored);
}

/// <summary>A key of a vault.</summary>
/// <param name="Key">An <see cref="ECDsa"/> or <see cref="RSA"/> that signs; it need not be exportable.</param>
/// <param name="Stored">What the authority's file keeps of it: sealed bytes or a handle.</param>
public sealed record VaultKey(AsymmetricAlgorithm Key, byte[] Stored)
{
    /// <summary>Nothing of the key.</summary>
    public override string ToString() => nameof(VaultKey);
}
