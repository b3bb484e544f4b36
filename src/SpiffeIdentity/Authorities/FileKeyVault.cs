using System.Security.Cryptography;

namespace Castellan.SpiffeIdentity;

/// <summary>Keeps private keys as PKCS#8 in the authority's file, sealed when there is a key-encryption key.</summary>
/// <param name="encryption">Seals what is stored; null stores in the clear, for a file that is itself a Secret.</param>
/// <param name="trustDomain">Bound into every seal, so that no key can be moved to another trust domain's file.</param>
public sealed class FileKeyVault(KeyEncryptionKey? encryption, TrustDomain trustDomain) : IKeyVault
{
    private const byte DerSequence = 0x30;
    private readonly string _context = $"authority of {trustDomain}";

    /// <inheritdoc />
    public VaultKey Create(AuthorityKeyType type)
    {
        var key = type.NewKey();
        var plain = key.ExportPkcs8PrivateKey();
        try
        {
            return new(key, encryption?.Seal(plain, _context) ?? [.. plain]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <inheritdoc />
    public VaultKey Open(ReadOnlySpan<byte> stored)
    {
        if (stored is [DerSequence, ..])
        {
            // In the clear. With a key-encryption key it is sealed when it is next written.
            return new(Import(stored), encryption?.Seal(stored, _context) ?? stored.ToArray());
        }

        if (encryption is null)
        {
            throw new CryptographicException("the keys are encrypted, and no key-encryption key is given");
        }

        var plain = encryption.Open(stored, _context);
        try
        {
            // Sealed with an older key-encryption key, it is sealed with the newest when it is next written.
            return new(Import(plain), encryption.IsNewest(stored) ? stored.ToArray() : encryption.Seal(plain, _context));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    private static AsymmetricAlgorithm Import(ReadOnlySpan<byte> pkcs8)
    {
        var ec = ECDsa.Create();
        try
        {
            ec.ImportPkcs8PrivateKey(pkcs8, out _);
            return ec;
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException)
        {
            ec.Dispose(); // not a curve's: then it is RSA, or nothing
        }

        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(pkcs8, out _);
        return rsa;
    }
}
