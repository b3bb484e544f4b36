using System.Diagnostics;

namespace Castellan.SpiffeIdentity.Tests.Authorities;

/// <summary>OpenSSL judges what we issue.</summary>
public sealed class OpenSslTests
{
    [Theory]
    [InlineData("sslserver", AuthorityKeyType.EcP256)]
    [InlineData("sslclient", AuthorityKeyType.EcP256)]
    [InlineData("sslserver", AuthorityKeyType.EcP384)]
    [InlineData("sslclient", AuthorityKeyType.Rsa2048)]
    public async Task Verify_WhenOurChain_Succeeds(string purpose, AuthorityKeyType type)
    {
        using var authority = await Authority.OpenAsync(new() { TrustDomain = TrustDomain.Parse("castellan.local"), KeyType = type }, default);
        var svid = authority.IssueX509(SpiffeId.Parse("spiffe://castellan.local/ns/default/sa/web"));
        var directory = Directory.CreateTempSubdirectory("openssl").FullName;
        await File.WriteAllTextAsync(Path.Combine(directory, "leaf.pem"), svid.Chain[0].ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "signing.pem"), svid.Chain[1].ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(directory, "root.pem"), authority.Bundle.X509Authorities[0].ExportCertificatePem());

        var verdict = await OpenSslAsync(directory, "verify", "-x509_strict", "-check_ss_sig", "-purpose", purpose, "-CAfile", "root.pem", "-untrusted", "signing.pem", "leaf.pem");
        Assert.Equal("leaf.pem: OK", verdict.Trim());
        var text = await OpenSslAsync(directory, "x509", "-in", "leaf.pem", "-noout", "-text");
        Assert.Contains("URI:spiffe://castellan.local/ns/default/sa/web", text);
        Assert.Contains("CA:FALSE", text);
        Assert.Contains("X509v3 Key Usage: critical\n                Digital Signature\n", text);
    }

    private static async Task<string> OpenSslAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments)
        {
            WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await output + await errors);
        return await output;
    }
}
