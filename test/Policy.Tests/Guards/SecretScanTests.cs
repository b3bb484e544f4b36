using System.Text;
using Castellan.Policy.Guards;

namespace Castellan.Policy.Tests.Guards;

/// <summary>Secrets by their form and by what stands before them. Samples are put together here, so that no scanner takes this file for a leak.</summary>
public sealed class SecretScanTests
{
    private const string Tail = "AbCdEfGhIjKlMnOpQrStUvWxYz0123456789";

    private static readonly string Jwt = $"{Url64("""{"alg":"RS256","typ":"JWT"}""")}.{Url64("""{"sub":"alice","exp":1900000000}""")}.{Tail}";

    public static TheoryData<string, string> Secrets => new()
    {
        { "aws-access-key-id", "AKIA" + "IOSFODNN7EXAMPLE" },
        { "aws-secret-access-key", "aws_secret_access_key = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" },
        { "aws-secret-access-key", """{"SecretAccessKey": " """.TrimEnd() + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"}" },
        { "github-token", "gh" + "p_" + Tail },
        { "github-token", "github" + "_pat_" + Tail + Tail },
        { "gitlab-token", "glp" + "at-" + Tail[..20] },
        { "slack-token", "xo" + "xb-123456789012-" + Tail },
        { "slack-webhook", "https://hooks.slack" + ".com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX" },
        { "stripe-key", "sk_" + "live_" + Tail },
        { "openai-key", "sk-" + "proj-" + Tail },
        { "openai-key", "sk-" + Tail + Tail[..12] },
        { "anthropic-key", "sk-" + "ant-api03-" + Tail },
        { "google-api-key", "AIz" + "a" + Tail[..35] },
        { "huggingface-token", "hf" + "_" + Tail },
        { "jwt", Jwt },
        { "kubernetes-service-account-token", $"{Url64("""{"alg":"RS256","kid":"x"}""")}.{Url64("""{"iss":"https://kubernetes.default","kubernetes.io":{"namespace":"default"}}""")}.{Tail}" },
        { "private-key", "-----BEGIN " + "RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----" },
        { "private-key", "-----BEGIN " + "OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA" },
        { "url-credentials", "postgres://app:" + "s3cretpw@db.example.com:5432/shop" },
        { "bearer-token", "Authorization: Bearer " + Tail },
        { "basic-credentials", "Authorization: Basic " + Convert.ToBase64String("alice:wonderland"u8) },
        { "password", "DB_PASSWORD=" + "hunter2hunter2" },
        { "password", """password: "correct horse" """ },
        { "credential", "client_secret=" + "8f3a1b9c7d2e" },
        { "encoded-private-key", Convert.ToBase64String(Encoding.UTF8.GetBytes("-----BEGIN " + "EC PRIVATE KEY-----\nMHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n-----END EC PRIVATE KEY-----\n")) },
    };

    public static TheoryData<string> NearMisses => new()
    {
        "AKIAIOSFODNN7EXAMPL", "XAKIAIOSFODNN7EXAMPLE", "AKIA is how keys of AWS begin", "ghp_short", "sk-", "sk-learn is a library", "task-" + Tail + Tail, "AIza" + Tail,
        "eyJ is how a JWT begins", "eyJhbGciOiJSUzI1NiJ9.not-a-payload.x", "-----BEGIN " + "CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----",
        "https://example.com/a@b:c", "https://user@example.com/", "http://127.0.0.1:8080/path", "postgres://app:$PASSWORD@db/shop", "the bearer of this letter", "Bearer authentication is used", "Basic auth",
        "password: required", "Password must be at least eight characters", "password=${DB_PASSWORD}", "password: [redacted]", "PWD=/srv/app/data", "secretName: shop-tls-2024", "tokenCount=12345678", "max_tokens: 4096000",
        "token: 1234567890", "secretKeyRef:\n  name: db", "passwordFile: /etc/secret/password1", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0bb822cd15d6c15b0f00a08", "Liveness probe failed: connection refused",
    };

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Scan_WhenASecretStandsInText_NamesIt(string name, string sample)
    {
        var text = $"line one\n{sample}\nline three";

        Assert.Contains(name, TextScan.Of(text, GuardKinds.Secrets).Select(f => f.Name));
        Assert.Contains(name, TextScan.Of(sample, GuardKinds.Secrets).Select(f => f.Name));
    }

    [Theory]
    [MemberData(nameof(NearMisses))]
    public void Scan_WhenItOnlyLooksSo_FindsNothing(string text) => Assert.Empty(TextScan.Of(text, GuardKinds.Secrets));

    [Theory]
    [MemberData(nameof(Secrets))]
    public void Redact_WhenASecretStandsInText_TakesItOutForGood(string name, string sample)
    {
        Assert.NotNull(name);
        var text = $"before {sample} after";

        var redacted = TextScan.Redact(text, TextScan.Of(text, GuardKinds.Secrets));

        Assert.StartsWith("before ", redacted, StringComparison.Ordinal);
        Assert.Contains("[redacted ", redacted, StringComparison.Ordinal);
        Assert.DoesNotContain(Tail, redacted, StringComparison.Ordinal);
        Assert.Empty(TextScan.Of(redacted, GuardKinds.Secrets));
    }

    [Fact]
    public void Scan_WhenAnUnfinishedKeyIsCutOff_TakesAllThatFollows()
    {
        var text = "-----BEGIN " + "PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC";

        Assert.Equal(text.Length, Assert.Single(TextScan.Of(text, GuardKinds.Secrets)).Length);
    }

    private static string Url64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}
