using System.Diagnostics;
using System.Text;
using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Kubectl;

/// <summary>Runs the real kubectl against a cluster, as a user would.</summary>
public sealed class KubectlShell : IDisposable
{
    private static readonly Lazy<string> Program = new(Find);
    private readonly string folder = Directory.CreateTempSubdirectory("castellan-kubectl-").FullName;

    public KubectlShell(TestCluster cluster, string user = "admin", params string[] groups)
    {
        var issued = cluster.Cluster.IssueClientCertificate(user, groups.Length > 0 ? groups : ["system:masters"]);
        File.WriteAllText(Path.Combine(folder, "kubeconfig"), $"""
            apiVersion: v1
            kind: Config
            clusters:
            - name: local
              cluster:
                server: {cluster.Cluster.Server.ToString().TrimEnd('/')}
                certificate-authority-data: {Base64(cluster.Cluster.CertificateAuthorityPem)}
            users:
            - name: user
              user:
                client-certificate-data: {Base64(issued.CertificatePem)}
                client-key-data: {Base64(issued.KeyPem)}
            contexts:
            - name: local
              context: {Braced("cluster: local, user: user")}
            current-context: local
            """);
    }

    /// <summary>Runs kubectl with these arguments (split at blanks; a text in single quotes is one) and this input.</summary>
    public async Task<Output> RunAsync(string arguments, string? input = null)
    {
        using var process = Start(arguments);
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Output(process.ExitCode, await output, await error);
    }

    /// <summary>Runs kubectl and hands over its lines until the test has seen enough.</summary>
    public async IAsyncEnumerable<string> LinesAsync(string arguments)
    {
        using var process = Start(arguments);
        try
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line) yield return line;
        }
        finally
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private Process Start(string arguments)
    {
        var start = new ProcessStartInfo(Program.Value)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        foreach (var argument in Split(arguments)) start.ArgumentList.Add(argument);
        start.Environment["KUBECONFIG"] = Path.Combine(folder, "kubeconfig");
        start.Environment["KUBECACHEDIR"] = Path.Combine(folder, "cache");
        return Process.Start(start)!;
    }

    private static IEnumerable<string> Split(string arguments)
    {
        foreach (var (i, part) in arguments.Split('\'').Index())
        {
            if (i % 2 == 1) yield return part;
            else foreach (var word in part.Split(' ', StringSplitOptions.RemoveEmptyEntries)) yield return word;
        }
    }

    private static string Find()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Agents.sln"))) root = Path.GetDirectoryName(root)!;
        using var script = Process.Start(new ProcessStartInfo(Path.Combine(root, "scripts", "kubectl")) { RedirectStandardOutput = true })!;
        var path = script.StandardOutput.ReadToEnd().Trim();
        script.WaitForExit();
        return script.ExitCode == 0 ? path : throw new InvalidOperationException("scripts/kubectl found no kubectl; see its message above");
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Braced(string text) => "{" + text + "}";
}

/// <summary>What kubectl said.</summary>
public sealed record Output(int Code, string Text, string Error)
{
    public Output Succeeded()
    {
        Assert.True(Code == 0, $"kubectl ended with {Code}: {Error}{Text}");
        return this;
    }
}
