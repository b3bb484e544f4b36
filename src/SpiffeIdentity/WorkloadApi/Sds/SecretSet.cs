using System.Security.Cryptography;
using System.Text;
using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire.Envoy;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.SpiffeIdentity;

/// <summary>The secrets of one workload, as Envoy reads them: PEM, inline.</summary>
internal sealed class SecretSet(IReadOnlyList<IssuedX509Svid> svids, IReadOnlyList<X509Bundle> bundles)
{
    private const string DefaultCertificate = "default";
    private const string DefaultBundle = "ROOTCA";
    private const string EveryBundle = "ALL";
    private const string ValidatorName = "envoy.tls.cert_validator.spiffe";
    private const string ValidatorType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig";

    /// <summary>One secret by its name.</summary>
    /// <exception cref="RpcException">InvalidArgument: the caller may have no secret of this name.</exception>
    public Secret Find(string name) => name switch
    {
        DefaultCertificate => Certificate(name, svids[0]),
        DefaultBundle => Validation(name, bundles[0]),
        EveryBundle => new() { Name = name, ValidationContext = new() { CustomValidatorConfig = Validator() } },
        _ when svids.FirstOrDefault(s => s.Id.ToString() == name) is { } svid => Certificate(name, svid),
        _ when bundles.FirstOrDefault(b => b.TrustDomain.Id.ToString() == name) is { } bundle => Validation(name, bundle),
        _ => throw new RpcException(StatusCode.InvalidArgument, $"this workload is not entitled to secret '{name}'; ask for default, ROOTCA, ALL or one of its own IDs"),
    };

    /// <summary>All of them by their IDs.</summary>
    public IEnumerable<Secret> All() =>
        svids.Select(s => Certificate(s.Id.ToString(), s)).Concat(bundles.Select(b => Validation(b.TrustDomain.Id.ToString(), b)));

    private static Secret Certificate(string name, IssuedX509Svid svid) => new()
    {
        Name = name,
        TlsCertificate = new()
        {
            CertificateChain = Inline(string.Concat(DerCertificates.Parse(svid.Chain).Select(c => c.ExportCertificatePem() + "\n"))),
            PrivateKey = Inline(PemEncoding.WriteString("PRIVATE KEY", svid.Pkcs8) + "\n"),
        },
    };

    private static Secret Validation(string name, X509Bundle bundle) => new() { Name = name, ValidationContext = new() { TrustedCa = Inline(Pem(bundle)) } };

    private TypedExtensionConfig Validator()
    {
        var config = new SpiffeCertValidatorConfig();
        config.TrustDomains.AddRange(bundles.Select(b => new SpiffeCertValidatorConfig.Types.TrustDomain { Name = b.TrustDomain.Name, TrustBundle = Inline(Pem(b)) }));
        return new() { Name = ValidatorName, TypedConfig = new Any { TypeUrl = ValidatorType, Value = config.ToByteString() } };
    }

    private static string Pem(X509Bundle bundle) => string.Concat(bundle.Authorities.Select(a => a.ExportCertificatePem() + "\n"));

    private static DataSource Inline(string pem) => new() { InlineBytes = ByteString.CopyFrom(Encoding.ASCII.GetBytes(pem)) };
}
