using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Castellan.SpiffeIdentity;

namespace Castellan.Cli.Identity;

/// <summary>Holds one case to the SPIFFE standards: values in, a verdict out.</summary>
internal static class IdentityJudge
{
    public static Verdict Judge(IdentityCase given)
    {
        try
        {
            return given.Kind switch
            {
                SubjectKind.SpiffeId => SpiffeIdVerdict(given),
                SubjectKind.X509 => X509Verdict(given),
                SubjectKind.Jwt => JwtVerdict(given),
                SubjectKind.Bundle => BundleVerdict(given),
                _ => AddressVerdict(given),
            };
        }
        catch (SpiffeIdException e)
        {
            return Refuse(given, e.Fault, e);
        }
        catch (X509SvidException e)
        {
            return Refuse(given, e.Fault, e);
        }
        catch (JwtSvidException e)
        {
            return Refuse(given, e.Fault, e);
        }
        catch (TrustBundleException e)
        {
            return Refuse(given, e.Fault, e);
        }
    }

    private static Verdict Refuse(IdentityCase given, Enum fault, Exception e) => new(given.Kind, false, fault.ToString(), e.Message);

    private static Verdict SpiffeIdVerdict(IdentityCase given)
    {
        var id = SpiffeId.Parse(given.Subject);
        return new(given.Kind, true, null, $"SPIFFE ID {id}") { Id = id.ToString() };
    }

    /// <summary>With a private key it is an SVID of one's own; without one and with a bundle, what a peer shows.</summary>
    private static Verdict X509Verdict(IdentityCase given)
    {
        var (chain, key) = Pem(given.Subject);
        var id = key is not null ? X509Svid.Parse([.. chain.SelectMany(c => c.RawData)], key).Id
            : given.Trust.IsEmpty ? X509SvidVerifier.CheckProfile(chain)
            : X509SvidVerifier.CheckKeyUsage(chain);
        if (!given.Trust.IsEmpty)
        {
            var bundle = given.Trust.Find(id.TrustDomain);
            X509SvidVerifier.Verify(chain, bundle is null ? new() : new(bundle.X509), given.Time);
        }

        var expires = new DateTimeOffset(chain[0].NotAfter.ToUniversalTime());
        var note = given.Trust.IsEmpty ? "; its form alone was checked, for no bundle was given" : "";
        return new(given.Kind, true, null, $"X.509-SVID of {id} until {expires:u}{note}") { Id = id.ToString(), Expires = expires };
    }

    private static Verdict JwtVerdict(IdentityCase given)
    {
        var audience = given.Audience ?? Guid.NewGuid().ToString();
        try
        {
            var svid = JwtSvidVerifier.Verify(given.Subject, given.Trust.Find, audience, given.Time);
            return new(given.Kind, true, null, $"JWT-SVID of {svid.Id} for '{audience}' until {svid.Expiry:u}") { Id = svid.Id.ToString(), Expires = svid.Expiry };
        }
        catch (JwtSvidException e) when (e.Fault == JwtSvidFault.OtherAudience && given.Audience is null)
        {
            return new(given.Kind, true, null, "JWT-SVID; whom it is for was not checked, for no audience was given"); // the audience is the last rule
        }
    }

    private static Verdict BundleVerdict(IdentityCase given)
    {
        var json = Encoding.UTF8.GetBytes(given.Subject);
        if (given.Subject.Contains("\"trust_domains\"", StringComparison.Ordinal))
        {
            var map = TrustBundleMap.Parse(json);
            return new(given.Kind, true, null, $"bundle map of {map.Count}: {string.Join(", ", map.Keys)}");
        }

        var bundle = TrustBundle.Parse(given.TrustDomain ?? TrustDomain.Parse("unnamed"), json);
        return new(given.Kind, true, null,
            $"bundle with {bundle.X509Authorities.Count} X.509 and {bundle.JwtAuthorities.Count} JWT keys, sequence {bundle.Sequence?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}"
            + (bundle.RefreshHint is { } hint ? $", refresh every {hint.TotalSeconds:0} s" : ""));
    }

    private static Verdict AddressVerdict(IdentityCase given) => WorkloadApiAddress.TryParse(given.Subject, out var address)
        ? new(given.Kind, true, null, $"Workload API address {address}")
        : new(given.Kind, false, "BadAddress", $"'{given.Subject}' is no Workload API address; write unix:///absolute/path or tcp://IP:port");

    private static (IReadOnlyList<X509Certificate2> Chain, byte[]? Key) Pem(string text)
    {
        var chain = new List<X509Certificate2>();
        byte[]? key = null;
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            var (label, body) = (rest[fields.Label].ToString(), Convert.FromBase64String(rest[fields.Base64Data].ToString()));
            rest = rest[fields.Location.End..];
            if (label == "CERTIFICATE")
            {
                chain.Add(Certificate(body));
            }
            else if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
            {
                key = label == "PRIVATE KEY" ? body : throw new X509SvidException(X509SvidFault.BadKey, $"the key is '{label}'; an SVID's key is unencrypted PKCS#8 ('PRIVATE KEY')");
            }
        }

        return chain.Count > 0
            ? (chain, key)
            : throw new X509SvidException(X509SvidFault.ChainEmpty, "there is no certificate in the PEM; put the leaf first");
    }

    private static X509Certificate2 Certificate(byte[] der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException e)
        {
            throw new X509SvidException(X509SvidFault.BadEncoding, "a PEM block is no certificate; check the file", e);
        }
    }
}
