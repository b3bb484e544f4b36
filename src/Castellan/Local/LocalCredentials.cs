using System.Text;
using Castellan.Cli.Access;

namespace Castellan.Cli.Local;

/// <summary>The two people of local mode, and the kubeconfig that lets kubectl be either.</summary>
internal static class LocalCredentials
{
    public const string You = "you";
    public const string Approver = "approver";

    private static readonly (string User, string[] Groups)[] People =
    [
        (You, ["castellan:viewers", "castellan:operators"]),
        (Approver, ["castellan:approvers"]),
    ];

    /// <summary>The groups that one of them is in.</summary>
    public static IEnumerable<string> GroupsOf(string user) => People.Single(p => p.User == user).Groups;

    /// <summary>Keeps the credentials that the cluster still accepts, makes those that are missing, and writes the kubeconfig.</summary>
    public static void Ensure(StatePaths paths, LocalCluster.LocalCluster cluster)
    {
        var credentials = People.Select(p => Existing(paths, cluster, p.User) ?? Create(paths, cluster, p.User, p.Groups)).ToList();
        WritePrivately(paths.Kubeconfig, Kubeconfig(cluster, credentials));
    }

    private static Credential? Existing(StatePaths paths, LocalCluster.LocalCluster cluster, string user)
    {
        if (!Credential.Exists(paths, user))
        {
            return null;
        }
        var credential = Credential.Load(paths, user);
        using var certificate = credential.LoadCertificate();
        return cluster.Accepts(certificate, credential.Token) ? credential : null;
    }

    private static Credential Create(StatePaths paths, LocalCluster.LocalCluster cluster, string user, string[] groups)
    {
        var issued = cluster.IssueClientCertificate(user, groups);
        var credential = new Credential { User = user, Groups = groups, Token = cluster.CreateToken(user, groups), CertificatePem = issued.CertificatePem, PrivateKeyPem = issued.KeyPem };
        credential.Save(paths);
        return credential;
    }

    private static string Kubeconfig(LocalCluster.LocalCluster cluster, List<Credential> credentials)
    {
        var text = new StringBuilder($"""
            apiVersion: v1
            kind: Config
            clusters:
              - name: castellan
                cluster:
                  server: {cluster.Server.AbsoluteUri.TrimEnd('/')}
                  certificate-authority-data: {Encode(cluster.CertificateAuthorityPem)}
            current-context: {You}
            contexts:

            """);
        foreach (var c in credentials)
        {
            text.Append($"  - name: {c.User}\n    context: {{cluster: castellan, user: {c.User}}}\n");
        }
        text.Append("users:\n");
        foreach (var c in credentials)
        {
            text.Append($"  - name: {c.User}\n    user:\n      client-certificate-data: {Encode(c.CertificatePem)}\n      client-key-data: {Encode(c.PrivateKeyPem)}\n");
        }
        return text.ToString();
    }

    private static string Encode(string pem) => Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));

    private static void WritePrivately(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
        using var writer = new StreamWriter(file, options);
        writer.Write(text);
    }
}
