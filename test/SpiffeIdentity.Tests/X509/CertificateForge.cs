using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.SpiffeIdentity.Tests.X509;

/// <summary>Makes certificates of any shape, right or wrong.</summary>
internal sealed record Forged(X509Certificate2 Certificate, ECDsa Key)
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static Forged Root(string name = "root", int? pathLength = null, X509KeyUsageFlags usage = X509KeyUsageFlags.KeyCertSign, Action<CertificateRequest>? more = null) =>
        Make(null, name, request =>
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, pathLength is not null, pathLength ?? 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, true));
            more?.Invoke(request);
        });

    public Forged Ca(string name = "intermediate", DateTimeOffset? notAfter = null, Action<CertificateRequest>? more = null, bool isCa = true, X509KeyUsageFlags usage = X509KeyUsageFlags.KeyCertSign, int? pathLength = null, bool usageCritical = true) =>
        Make(this, name, request =>
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, pathLength is not null, pathLength ?? 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, usageCritical));
            more?.Invoke(request);
        }, notAfter: notAfter);

    public Forged Leaf(LeafShape? shape = null)
    {
        shape ??= new();
        return Make(this, shape.Subject, request =>
        {
            if (shape.Uris.Count + shape.Dns.Count > 0)
            {
                request.CertificateExtensions.Add(Names(shape));
            }

            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(shape.IsCa, false, 0, true));
            if (shape.Usage is { } usage)
            {
                request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, shape.UsageCritical));
            }

            if (shape.Purposes.Count > 0)
            {
                request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. shape.Purposes.Select(p => new Oid(p))], false));
            }
        }, shape.NotBefore, shape.NotAfter);
    }

    public static Forged Make(Forged? issuer, string name, Action<CertificateRequest> extensions, DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var subject = new X500DistinguishedName(name.Length == 0 ? "" : "CN=" + name);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        extensions(request);
        var generator = X509SignatureGenerator.CreateForECDsa(issuer?.Key ?? key);
        using var certificate = request.Create(
            issuer?.Certificate.SubjectName ?? subject, generator, notBefore ?? Now.AddHours(-1), notAfter ?? Now.AddHours(1), RandomNumberGenerator.GetBytes(12));
        return new(X509CertificateLoader.LoadCertificate(certificate.RawData), key);
    }

    /// <summary>The same certificate with extensions appended as they are, which the platform would refuse to write, signed anew by <paramref name="issuer"/>.</summary>
    public Forged Append(Forged issuer, params (string Oid, bool Critical, byte[] Value)[] extensions)
    {
        var list = new Asn1Tag(TagClass.ContextSpecific, 3, isConstructed: true);
        var body = new AsnReader(Certificate.RawData, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (body.HasData)
            {
                if (!body.PeekTag().HasSameClassAndValue(list))
                {
                    writer.WriteEncodedValue(body.ReadEncodedValue().Span);
                    continue;
                }

                var present = body.ReadSequence(list).ReadSequence();
                using (writer.PushSequence(list))
                using (writer.PushSequence())
                {
                    while (present.HasData)
                    {
                        writer.WriteEncodedValue(present.ReadEncodedValue().Span);
                    }

                    foreach (var (oid, critical, value) in extensions)
                    {
                        WriteExtension(writer, oid, critical, value);
                    }
                }
            }
        }

        return new(X509CertificateLoader.LoadCertificate(Signed(writer.Encode(), issuer.Key)), Key);
    }

    private static void WriteExtension(AsnWriter writer, string oid, bool critical, byte[] value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
            if (critical)
            {
                writer.WriteBoolean(true);
            }

            writer.WriteOctetString(value);
        }
    }

    private static byte[] Signed(byte[] body, ECDsa key)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(body);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
            }

            writer.WriteBitString(key.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }

        return writer.Encode();
    }

    /// <summary>NameConstraints that permit URIs of one host only.</summary>
    public static X509Extension PermittedUriHost(string host)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, host, new Asn1Tag(TagClass.ContextSpecific, 6));
        }

        return new("2.5.29.30", writer.Encode(), true);
    }

    private static X509Extension Names(LeafShape shape)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var uri in shape.Uris)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }

            foreach (var dns in shape.Dns)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, dns, new Asn1Tag(TagClass.ContextSpecific, 2));
            }
        }

        return new("2.5.29.17", writer.Encode(), shape.NamesCritical);
    }
}

/// <summary>The shape of a leaf; the defaults are right.</summary>
internal sealed record LeafShape
{
    public IReadOnlyList<string> Uris { get; init; } = ["spiffe://example.org/web"];
    public IReadOnlyList<string> Dns { get; init; } = [];
    public bool NamesCritical { get; init; }
    public string Subject { get; init; } = "leaf";
    public bool IsCa { get; init; }
    public X509KeyUsageFlags? Usage { get; init; } = X509KeyUsageFlags.DigitalSignature;
    public bool UsageCritical { get; init; } = true;
    public IReadOnlyList<string> Purposes { get; init; } = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
    public DateTimeOffset? NotBefore { get; init; }
    public DateTimeOffset? NotAfter { get; init; }
}
