using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Castellan.Audit.Transparency;

/// <summary>Ed25519 (RFC 8032) by the OpenSSL that .NET itself uses; .NET has no class for it.</summary>
internal static class Ed25519
{
    internal const int KeySize = 32;
    internal const int SignatureSize = 64;

    private const string Library = "libcrypto";
    private const int KeyType = 1087; // NID_ED25519

    static Ed25519() => NativeLibrary.SetDllImportResolver(typeof(Ed25519).Assembly, Resolve);

    /// <summary>The public key of a private one.</summary>
    internal static byte[] PublicKeyOf(ReadOnlySpan<byte> privateKey)
    {
        using var key = PrivateKey(privateKey);
        var bytes = new byte[KeySize];
        nuint length = KeySize;
        Check(EVP_PKEY_get_raw_public_key(key, bytes, ref length));
        return bytes;
    }

    internal static byte[] Sign(ReadOnlySpan<byte> privateKey, byte[] message)
    {
        using var key = PrivateKey(privateKey);
        using var context = Context();
        Check(EVP_DigestSignInit(context, 0, 0, 0, key));
        var signature = new byte[SignatureSize];
        nuint length = SignatureSize;
        Check(EVP_DigestSign(context, signature, ref length, message, (nuint)message.Length));
        return signature;
    }

    internal static bool Verify(ReadOnlySpan<byte> publicKey, byte[] message, byte[] signature)
    {
        if (signature.Length != SignatureSize)
        {
            return false;
        }

        using var key = new KeyHandle(EVP_PKEY_new_raw_public_key(KeyType, 0, publicKey.ToArray(), (nuint)publicKey.Length));
        if (key.IsInvalid)
        {
            return false;
        }

        using var context = Context();
        Check(EVP_DigestVerifyInit(context, 0, 0, 0, key));
        return EVP_DigestVerify(context, signature, (nuint)signature.Length, message, (nuint)message.Length) == 1;
    }

    private static KeyHandle PrivateKey(ReadOnlySpan<byte> privateKey)
    {
        var bytes = privateKey.ToArray();
        try
        {
            var key = new KeyHandle(EVP_PKEY_new_raw_private_key(KeyType, 0, bytes, (nuint)bytes.Length));
            return key.IsInvalid ? throw new CryptographicException("OpenSSL refuses the Ed25519 key") : key;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static ContextHandle Context() => new(EVP_MD_CTX_new());

    private static void Check(int result)
    {
        if (result != 1)
        {
            throw new CryptographicException("OpenSSL refuses to work with the Ed25519 key; does it run in a mode without Ed25519 (FIPS)?");
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (var file in (string[])["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"])
        {
            if (NativeLibrary.TryLoad(file, out var handle))
            {
                return handle;
            }
        }

        throw new DllNotFoundException("OpenSSL's libcrypto is not installed; install libssl3 (Debian) or openssl-libs (Fedora)");
    }

    private sealed class KeyHandle : SafeHandle
    {
        public KeyHandle(nint key) : base(0, ownsHandle: true) => SetHandle(key);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_PKEY_free(handle);
            return true;
        }
    }

    private sealed class ContextHandle : SafeHandle
    {
        public ContextHandle(nint context) : base(0, ownsHandle: true) => SetHandle(context);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            EVP_MD_CTX_free(handle);
            return true;
        }
    }

    [DllImport(Library)]
    private static extern nint EVP_PKEY_new_raw_private_key(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library)]
    private static extern nint EVP_PKEY_new_raw_public_key(int type, nint engine, byte[] key, nuint length);

    [DllImport(Library)]
    private static extern int EVP_PKEY_get_raw_public_key(KeyHandle key, byte[] bytes, ref nuint length);

    [DllImport(Library)]
    private static extern void EVP_PKEY_free(nint key);

    [DllImport(Library)]
    private static extern nint EVP_MD_CTX_new();

    [DllImport(Library)]
    private static extern void EVP_MD_CTX_free(nint context);

    [DllImport(Library)]
    private static extern int EVP_DigestSignInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [DllImport(Library)]
    private static extern int EVP_DigestSign(ContextHandle context, byte[] signature, ref nuint signatureLength, byte[] message, nuint length);

    [DllImport(Library)]
    private static extern int EVP_DigestVerifyInit(ContextHandle context, nint keyContext, nint digest, nint engine, KeyHandle key);

    [DllImport(Library)]
    private static extern int EVP_DigestVerify(ContextHandle context, byte[] signature, nuint signatureLength, byte[] message, nuint length);
}
