using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Castellan.Policy;

/// <summary>What Kubernetes reads out of a client certificate: the common name is the user, the organizations are the groups.</summary>
/// <remarks>Source: Kubernetes documentation, "Authenticating", section "X.509 client certificates".</remarks>
internal static class ClientCertificate
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The user.</summary>
    /// <exception cref="ApprovalStatementException">The subject has no common name, or several.</exception>
    public static string User(X509Certificate2 certificate)
    {
        var names = Values(certificate, CommonName);
        return names is [{ Length: > 0 } name]
            ? name
            : throw new ApprovalStatementException($"the certificate names {names.Count} users; use one with exactly one common name");
    }

    /// <summary>The groups.</summary>
    public static IReadOnlyList<string> Groups(X509Certificate2 certificate) => Values(certificate, Organization);

    public static bool IsP256(ECDsa key) => key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == P256;

    private static List<string> Values(X509Certificate2 certificate, string type)
    {
        var values = new List<string>();
        foreach (var name in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (name.HasMultipleElements) throw new ApprovalStatementException("the certificate's subject joins several names in one part; use a plain subject such as O=group, CN=user");
            if (name.GetSingleElementType().Value == type && name.GetSingleElementValue() is { } value) values.Add(value);
        }
        return values;
    }
}
