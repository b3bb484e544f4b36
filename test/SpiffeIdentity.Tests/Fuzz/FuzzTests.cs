using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Castellan.SpiffeIdentity.Tests.Fuzz;

/// <summary>Damaged input neither crashes nor is wrongly believed. Seeded: a failure names the seed and the number of the input.</summary>
public sealed class FuzzTests : IAsyncLifetime
{
    private const int Few = 1_500;
    private const int Many = 250_000; // of each of four kinds: a million
    private static readonly SpiffeId s_web = SpiffeId.Parse("spiffe://example.org/web");
    private static readonly Regex s_id = new(@"\Aspiffe://[a-z0-9._-]{1,255}(/(?!\.{1,2}(/|\z))[A-Za-z0-9._-]+)*\z", RegexOptions.CultureInvariant);
    private readonly ManualTimeProvider _clock = new(new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
    private Authority _authority = null!;

    public async Task InitializeAsync() => _authority = await Authority.OpenAsync(new() { TrustDomain = s_web.TrustDomain, TimeProvider = _clock }, default);

    public Task DisposeAsync()
    {
        _authority.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void Few_OfEachKind_AreJudgedRightly(int seed) => RunAll(seed, Few);

    [Theory]
    [Trait("tier", "soak")]
    [InlineData(20_261)]
    public void AMillion_AreJudgedRightly(int seed) => RunAll(seed, Many);

    private void RunAll(int seed, int count)
    {
        Run(seed, count, Ids());
        Run(seed + 1, count, Tokens());
        Run(seed + 2, count, Bundles());
        Run(seed + 3, count, Chains());
    }

    private static void Run(int seed, int count, Action<Mutator> one)
    {
        var mutator = new Mutator(seed);
        for (var i = 0; i < count; i++)
        {
            try
            {
                one(mutator);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, input {i}: {e.Message}", e);
            }
        }
    }

    /// <summary>An ID is accepted exactly when the grammar, written down a second time as a regular expression, accepts it.</summary>
    private static Action<Mutator> Ids()
    {
        string[] seeds = ["spiffe://example.org/web", "spiffe://example.org", "spiffe://a.b-c_d/ns/x/sa/y", "spiffe://example.org/../a", "spiffe://u@h:1/p?q#f%20"];
        return mutator =>
        {
            var text = Encoding.Latin1.GetString(mutator.Damage(Encoding.Latin1.GetBytes(seeds[mutator.Next(seeds.Length)])));
            Assert.Equal(s_id.IsMatch(text) && text.Length <= 2048, SpiffeId.TryParse(text, out var id));
            Assert.True(id is null || id.ToString() == text);
        };
    }

    /// <summary>No damaged token is believed; a token whose claims are damaged before it is signed is believed only if they are right.</summary>
    private Action<Mutator> Tokens()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signer = ECDsa.Create(key.ExportParameters(true));
        var bundle = new TrustBundle(s_web.TrustDomain, [], [new("k", ECDsa.Create(key.ExportParameters(false)))]);
        var unix = _clock.GetUtcNow().ToUnixTimeSeconds();
        var header = Encoding.UTF8.GetBytes("""{"alg":"ES256","kid":"k","typ":"JWT"}""");
        var claims = Encoding.UTF8.GetBytes($$"""{"sub":"spiffe://example.org/web","aud":["a","b"],"exp":{{unix + 60}},"nbf":{{unix}},"iat":{{unix}},"x":{"y":[1,2.5e3,"\u00e9",null,true]} }""");
        var token = Sign(signer, header, claims);
        var ascii = Encoding.ASCII.GetBytes(token);
        return mutator =>
        {
            if (mutator.Next(3) > 0)
            {
                var damaged = Encoding.Latin1.GetString(mutator.Damage(ascii));
                Assert.True(damaged == token || !IsBelieved(damaged, bundle, out _), damaged);
                return;
            }

            var (h, c) = (mutator.Next(2) == 0 ? header : mutator.Damage(header), mutator.Damage(claims));
            if (IsBelieved(Sign(signer, h, c), bundle, out var svid))
            {
                AssertRight(h, c, svid!, unix);
            }
        };
    }

    private static void AssertRight(byte[] header, byte[] claims, JwtSvid svid, long unix)
    {
        using var document = JsonDocument.Parse(claims);
        var root = document.RootElement;
        Assert.Equal("example.org", svid.Id.TrustDomain.Name);
        Assert.Equal(root.GetProperty("sub").GetString(), svid.Id.ToString());
        Assert.True(root.GetProperty("aud") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Any(a => a.GetString() == "a") : root.GetProperty("aud").GetString() == "a");
        Assert.True(root.GetProperty("exp").GetDouble() > unix - 60);
        Assert.True(!root.TryGetProperty("nbf", out var nbf) || nbf.GetDouble() <= unix + 60);
        using var head = JsonDocument.Parse(header);
        Assert.Equal(("ES256", "k"), (head.RootElement.GetProperty("alg").GetString(), head.RootElement.GetProperty("kid").GetString()));
    }

    private bool IsBelieved(string token, TrustBundle bundle, out JwtSvid? svid)
    {
        try
        {
            svid = JwtSvidVerifier.Verify(token, domain => domain == bundle.TrustDomain ? bundle : null, "a", _clock.GetUtcNow());
            return true;
        }
        catch (JwtSvidException)
        {
            svid = null;
            return false;
        }
    }

    /// <summary>A damaged bundle is refused, or read into keys that can be written and read again.</summary>
    private Action<Mutator> Bundles()
    {
        var document = _authority.Bundle.Export();
        return mutator =>
        {
            try
            {
                var read = TrustBundle.Parse(s_web.TrustDomain, mutator.Damage(document));
                var again = TrustBundle.Parse(s_web.TrustDomain, read.Export());
                Assert.Equal((read.X509Authorities.Count, read.JwtAuthorities.Count, read.Sequence), (again.X509Authorities.Count, again.JwtAuthorities.Count, again.Sequence));
            }
            catch (TrustBundleException)
            {
                // refused
            }
        };
    }

    /// <summary>A damaged chain is refused unless what its authority signed came through whole.</summary>
    private Action<Mutator> Chains()
    {
        var svid = _authority.IssueX509(s_web);
        var (der, key, signed) = (svid.ExportChain(), svid.ExportPkcs8(), Signed(svid.Leaf));
        var bundles = new X509BundleSet(_authority.Bundle.X509);
        return mutator =>
        {
            try
            {
                var read = X509Svid.Parse(mutator.Damage(der), mutator.Next(8) == 0 ? mutator.Damage(key) : key);
                X509SvidVerifier.Verify(read.Chain, bundles, _clock.GetUtcNow());
                Assert.Equal(signed, Signed(read.Leaf));
            }
            catch (X509SvidException)
            {
                // refused
            }
        };
    }

    private static byte[] Signed(X509Certificate2 certificate) =>
        new AsnReader(certificate.RawData, AsnEncodingRules.BER).ReadSequence().ReadEncodedValue().ToArray();

    private static string Sign(ECDsa key, byte[] header, byte[] claims)
    {
        var input = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        return $"{input}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256))}";
    }
}
