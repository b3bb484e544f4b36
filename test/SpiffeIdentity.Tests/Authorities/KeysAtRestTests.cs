using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.SpiffeIdentity.Tests.Authorities;

/// <summary>What lies on disk, and what it takes to read it.</summary>
public sealed class KeysAtRestTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("castellan.local");
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web");
    private readonly string _directory = Directory.CreateTempSubdirectory("at-rest").FullName;

    [Fact]
    public async Task Open_WithAKeyEncryptionKey_StoresNoPrivateKeyInTheClear()
    {
        var kek = KeyEncryptionKey.ReadOrCreate(KekFile);
        byte[] signer;
        using (var first = await OpenAsync(kek))
        {
            signer = first.IssueX509(s_web).Chain[1].RawData;
        }

        foreach (var (root, key) in PrivateKeys())
        {
            Assert.NotEqual(0x30, key[0]);
            using var ec = ECDsa.Create();
            Assert.ThrowsAny<CryptographicException>(() => ec.ImportPkcs8PrivateKey(key, out _));
            Assert.NotEmpty(root);
        }

        using var second = await OpenAsync(KeyEncryptionKey.Read(KekFile));
        Assert.Equal(signer, second.IssueX509(s_web).Chain[1].RawData);
        Assert.Equal("600", Convert.ToString((int)File.GetUnixFileMode(KekFile), 8));
    }

    [Fact]
    public async Task Open_WithoutOrWithAnotherKeyEncryptionKey_RefusesAndKeepsTheFile()
    {
        (await OpenAsync(KeyEncryptionKey.ReadOrCreate(KekFile))).Dispose();
        var before = await File.ReadAllTextAsync(AuthorityPath);
        var other = KeyEncryptionKey.ReadOrCreate(Path.Combine(_directory, "other.kek"));
        Assert.Contains("no key-encryption key", (await Assert.ThrowsAsync<AuthorityStateException>(() => OpenAsync(null))).Message);
        Assert.Contains("not in the key file", (await Assert.ThrowsAsync<AuthorityStateException>(() => OpenAsync(other))).Message);
        Assert.Equal(before, await File.ReadAllTextAsync(AuthorityPath));
    }

    [Fact]
    public async Task Open_WhenASealedKeyIsChangedOrMoved_Refuses()
    {
        var kek = KeyEncryptionKey.ReadOrCreate(KekFile);
        (await OpenAsync(kek)).Dispose();
        var good = await File.ReadAllTextAsync(AuthorityPath);
        var document = JsonNode.Parse(good)!;
        var bytes = Convert.FromBase64String((string)document["signers"]![0]!["key"]!);
        bytes[^1] ^= 1;
        document["signers"]![0]!["key"] = Convert.ToBase64String(bytes);
        await File.WriteAllTextAsync(AuthorityPath, document.ToJsonString());
        await Assert.ThrowsAsync<AuthorityStateException>(() => OpenAsync(kek));

        // The file of one trust domain is worth nothing under another's name.
        var other = TrustDomain.Parse("other.local");
        var moved = Path.Combine(_directory, "authority-other.local.json");
        await File.WriteAllTextAsync(moved, good.Replace("\"castellan.local\"", "\"other.local\"", StringComparison.Ordinal));
        File.SetUnixFileMode(moved, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await Assert.ThrowsAsync<AuthorityStateException>(() => Authority.OpenAsync(new() { TrustDomain = other, DataDirectory = _directory, KeyEncryptionKey = kek }, default));
    }

    [Fact]
    public async Task Open_WhenKeysWereInTheClear_SealsThemAndGoesOn()
    {
        byte[] bundle;
        using (var plain = await OpenAsync(null))
        {
            bundle = plain.Bundle.Export();
        }

        Assert.All(PrivateKeys(), k => Assert.Equal(0x30, k.Key[0]));
        var document = JsonNode.Parse(await File.ReadAllTextAsync(AuthorityPath))!;
        document["version"] = 1; // as older releases wrote it
        await File.WriteAllTextAsync(AuthorityPath, document.ToJsonString());
        using var sealing = await OpenAsync(KeyEncryptionKey.ReadOrCreate(KekFile));
        Assert.Equal(bundle, sealing.Bundle.Export());
        Assert.All(PrivateKeys(), k => Assert.NotEqual(0x30, k.Key[0]));
    }

    [Fact]
    public async Task KeyEncryptionKey_WhenANewOneIsPutOnTop_SealsEverythingAnewSoThatTheOldCanGo()
    {
        (await OpenAsync(KeyEncryptionKey.ReadOrCreate(KekFile))).Dispose();
        var old = await File.ReadAllTextAsync(KekFile);
        var next = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(KekFile, $"{next}\n{old}");
        byte[] bundle;
        using (var both = await OpenAsync(KeyEncryptionKey.Read(KekFile)))
        {
            bundle = both.Bundle.Export();
        }

        await File.WriteAllTextAsync(KekFile, next);
        using var authority = await OpenAsync(KeyEncryptionKey.Read(KekFile));
        Assert.Equal(bundle, authority.Bundle.Export());
        await File.WriteAllTextAsync(KekFile, old);
        await Assert.ThrowsAsync<AuthorityStateException>(() => OpenAsync(KeyEncryptionKey.Read(KekFile)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("AAAA")]
    public async Task KeyEncryptionKey_WhenTheFileIsNoKey_Refuses(string content)
    {
        Assert.Contains("does not exist", Assert.Throws<AuthorityStateException>(() => KeyEncryptionKey.Read(KekFile)).Message);
        await File.WriteAllTextAsync(KekFile, content);
        File.SetUnixFileMode(KekFile, UnixFileMode.UserRead);
        Assert.Contains("32 bytes", Assert.Throws<AuthorityStateException>(() => KeyEncryptionKey.Read(KekFile)).Message);
        File.SetUnixFileMode(KekFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains("600", Assert.Throws<AuthorityStateException>(() => KeyEncryptionKey.Read(KekFile)).Message);
    }

    [Fact]
    public async Task Open_WithAVaultOfHandles_StoresHandlesAndSignsInTheVault()
    {
        var vault = new TokenVault();
        byte[] bundle;
        using (var first = await OpenAsync(null, vault))
        {
            bundle = first.Bundle.Export();
        }

        Assert.All(PrivateKeys(), k => Assert.StartsWith("slot ", Encoding.ASCII.GetString(k.Key), StringComparison.Ordinal));
        using var second = await OpenAsync(null, vault);
        Assert.Equal(bundle, second.Bundle.Export());
        X509SvidVerifier.Verify(second.IssueX509(s_web).Chain, new(second.Bundle.X509), TimeProvider.System.GetUtcNow());
    }

    private string KekFile => Path.Combine(_directory, "keys", "authority.kek") is var path && Directory.CreateDirectory(Path.GetDirectoryName(path)!).Exists ? path : "";

    private string AuthorityPath => Path.Combine(_directory, "authority-castellan.local.json");

    private List<(string Role, byte[] Key)> PrivateKeys()
    {
        var document = JsonNode.Parse(File.ReadAllText(AuthorityPath))!;
        var keys = document["roots"]!.AsArray().Select(r => ("root", Convert.FromBase64String((string)r!["key"]!)))
            .Concat(document["signers"]!.AsArray().SelectMany(s => new[] { ("signing", Convert.FromBase64String((string)s!["key"]!)), ("jwt", Convert.FromBase64String((string)s["jwt"]!["key"]!)) })).ToList();
        Assert.True(keys.Count >= 3);
        return keys;
    }

    private Task<Authority> OpenAsync(KeyEncryptionKey? kek, IKeyVault? vault = null) =>
        Authority.OpenAsync(new() { TrustDomain = s_domain, DataDirectory = _directory, KeyEncryptionKey = kek, Vault = vault }, default);

    /// <summary>As a hardware token: gives out handles, never keys.</summary>
    private sealed class TokenVault : IKeyVault
    {
        private readonly ConcurrentDictionary<string, ECDsa> _slots = new();

        public VaultKey Create(AuthorityKeyType type)
        {
            var (handle, key) = ($"slot {_slots.Count}", ECDsa.Create(ECCurve.NamedCurves.nistP256));
            _slots[handle] = key;
            return new(new Unexportable(key), Encoding.ASCII.GetBytes(handle));
        }

        public VaultKey Open(ReadOnlySpan<byte> stored) => new(new Unexportable(_slots[Encoding.ASCII.GetString(stored)]), stored.ToArray());

        private sealed class Unexportable(ECDsa inside) : ECDsa
        {
            public override int KeySize => inside.KeySize;

            public override byte[] SignHash(byte[] hash) => inside.SignHash(hash);

            public override bool VerifyHash(byte[] hash, byte[] signature) => inside.VerifyHash(hash, signature);

            public override ECParameters ExportParameters(bool includePrivateParameters) =>
                includePrivateParameters ? throw new CryptographicException("the key stays in the token") : inside.ExportParameters(false);

            protected override byte[] HashData(byte[] data, int offset, int count, HashAlgorithmName hashAlgorithm) => SHA256.HashData(data.AsSpan(offset, count));
        }
    }
}
