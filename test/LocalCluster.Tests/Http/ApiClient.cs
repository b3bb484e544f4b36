using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Http;

/// <summary>Plain HTTPS against the server, so that tests see what is on the wire.</summary>
public sealed class ApiClient : IDisposable
{
    private readonly HttpClient http;

    private ApiClient(HttpClient http) => this.http = http;

    public static ApiClient Admin(TestCluster cluster) => As(cluster, "admin", "system:masters");

    public static ApiClient As(TestCluster cluster, string user, params string[] groups)
    {
        var issued = cluster.Cluster.IssueClientCertificate(user, groups);
        return Create(cluster, X509Certificate2.CreateFromPem(issued.CertificatePem, issued.KeyPem), null);
    }

    public static ApiClient WithToken(TestCluster cluster, string? token) => Create(cluster, null, token);

    public HttpRequestHeaders Headers => http.DefaultRequestHeaders;

    public Task<Answer> GetAsync(string path, string? accept = null) => SendAsync(HttpMethod.Get, path, null, null, accept);

    public Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body, "application/json");

    public Task<Answer> PutAsync(string path, string body) => SendAsync(HttpMethod.Put, path, body, "application/json");

    public Task<Answer> PatchAsync(string path, string body, string type = "application/merge-patch+json") => SendAsync(HttpMethod.Patch, path, body, type);

    public Task<Answer> ApplyAsync(string path, string body, string manager, bool force = false) =>
        PatchAsync($"{path}?fieldManager={manager}&force={(force ? "true" : "false")}", body, "application/apply-patch+yaml");

    public Task<Answer> DeleteAsync(string path, string? body = null) => SendAsync(HttpMethod.Delete, path, body, "application/json");

    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body, string? type, string? accept = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type!));
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var warnings = response.Headers.TryGetValues("Warning", out var values) ? values.ToArray() : [];
        return new Answer((int)response.StatusCode, text, warnings);
    }

    /// <summary>The lines of a stream as they come.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string path)
    {
        using var response = await http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line) yield return JsonNode.Parse(line)!.AsObject();
    }

    public void Dispose() => http.Dispose();

    private static ApiClient Create(TestCluster cluster, X509Certificate2? certificate, string? token)
    {
        var authority = X509Certificate2.CreateFromPem(cluster.Cluster.CertificateAuthorityPem);
        var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, server, _, _) =>
        {
            using var chain = new X509Chain();
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
            return chain.Build(new X509Certificate2(server!));
        };
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        var http = new HttpClient(handler) { BaseAddress = cluster.Cluster.Server };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new ApiClient(http);
    }
}

/// <summary>What came back.</summary>
public sealed record Answer(int Code, string Text, string[] Warnings)
{
    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public string Message => Json["message"]?.GetValue<string>() ?? "";

    public string Reason => Json["reason"]?.GetValue<string>() ?? "";

    public JsonNode? this[string path] => path.Split('.').Aggregate((JsonNode?)Json, (node, name) =>
        node is JsonArray array ? array[int.Parse(name)] : node?[name]);

    /// <summary>Fails the test with the answer's text when the code is another.</summary>
    public Answer Expect(int code)
    {
        Assert.True(Code == code, $"expected {code}, got {Code}: {Text}");
        return this;
    }
}
