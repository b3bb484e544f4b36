using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Castellan.KubeApi;

namespace Castellan.KubeClient.Transport;

/// <summary>HTTP to one API server: pooled HTTP/2 connections, TLS against its own authorities, tokens, retries it asks for.</summary>
internal sealed class KubeTransport : IDisposable
{
    private const int MostRetries = 5;
    private const string GroupHeader = "Impersonate-Group";
    private static readonly RepeatedHeader Groups = new(GroupHeader);
    private readonly HttpClient _http;
    private readonly Credentials _credentials;
    private readonly KubeConfig _config;
    private readonly TimeProvider _time;

    public KubeTransport(KubeConfig config, TimeProvider time)
    {
        (_config, _time) = (config, time);
        _credentials = new Credentials(config, time);
        _http = new HttpClient(CreateHandler(config)) { BaseAddress = config.Server, Timeout = Timeout.InfiniteTimeSpan };
    }

    public Uri Server => _config.Server;

    public TimeProvider Time => _time;

    public void Dispose()
    {
        _http.Dispose();
        _credentials.Dispose();
    }

    /// <summary>Sends a request and gives the successful answer, its body unread.</summary>
    public async Task<HttpResponseMessage> SendAsync(KubeRequest request, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            var response = await SendOnceAsync(request, ct);
            if (response.IsSuccessStatusCode) return response;
            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && attempt == 0 && _credentials.Renew()) continue;
                // A server that names a delay did not begin the request, so it may be repeated whatever the method.
                if (response.Headers.RetryAfter?.Delta is { } delay && attempt < MostRetries
                    && response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
                {
                    await Task.Delay(delay, _time, ct);
                    continue;
                }
                throw new KubeException(await ReadStatusAsync(request, response, ct));
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(KubeRequest request, CancellationToken ct)
    {
        using var message = await BuildAsync(request, ct);
        // The limit holds for the headers of a stream and for a whole plain answer, which the caller reads within the same budget.
        using var limit = new CancellationTokenSource(_config.RequestTimeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            var whole = request.Streams ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead;
            return await _http.SendAsync(message, whole, both.Token);
        }
        catch (OperationCanceledException e) when (!ct.IsCancellationRequested)
        {
            throw new KubeUnreachableException(Server, $"{request.Method} {request.Path} took longer than {_config.RequestTimeout.TotalSeconds:0} s", e);
        }
        catch (HttpRequestException e)
        {
            throw new KubeUnreachableException(Server, e.InnerException?.Message ?? e.Message, e);
        }
    }

    private async Task<HttpRequestMessage> BuildAsync(KubeRequest request, CancellationToken ct)
    {
        var path = Server.AbsolutePath.TrimEnd('/') + request.Path;
        var message = new HttpRequestMessage(request.Method, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", "castellan");
        if (await _credentials.TokenAsync(ct) is { Length: > 0 } token)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (request.As is { } whom)
        {
            message.Headers.Add("Impersonate-User", whom.User);
            if (whom.Groups.Count > 0) message.Headers.TryAddWithoutValidation(GroupHeader, RepeatedHeader.Join(whom.Groups));
            if (whom.Groups.Count > 1) (message.Version, message.VersionPolicy) = (HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
        }
        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        }
        return message;
    }

    private static async Task<KubeStatus> ReadStatusAsync(KubeRequest request, HttpResponseMessage response, CancellationToken ct)
    {
        var text = await response.Content.ReadAsStringAsync(ct);
        KubeStatus? status = null;
        try
        {
            if (text.StartsWith('{')) status = JsonSerializer.Deserialize<KubeStatus>(text, KubeJson.Options);
        }
        catch (JsonException)
        {
            // Something between us and the API server answered; its text is all there is to tell.
        }
        if (status?.Kind != "Status")
        {
            var excerpt = text.Trim();
            if (excerpt.Length > 200) excerpt = excerpt[..200];
            status = new KubeStatus { Message = $"{request.Method} {request.Path} answered {(int)response.StatusCode}: {excerpt}" };
        }
        status.Status ??= "Failure";
        if (status.Code == 0) status.Code = (int)response.StatusCode;
        return status;
    }

    private static SocketsHttpHandler CreateHandler(KubeConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            // A dead peer must end a silent watch.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            UseCookies = false,
            UseProxy = !config.Server.IsLoopback,
            // Impersonated names may hold any character that HTTP allows.
            RequestHeaderEncodingSelector = static (name, _) => name == GroupHeader ? Groups : System.Text.Encoding.UTF8,
        };
        var tls = handler.SslOptions;
        tls.TargetHost = config.TlsServerName;
        if (config.ClientCertificate is { } certificate)
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        if (config.SkipTlsVerification)
        {
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
        }
        else if (config.CertificateAuthorities is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        return handler;
    }
}

/// <summary>One request.</summary>
internal sealed record KubeRequest(HttpMethod Method, string Path)
{
    public ReadOnlyMemory<byte>? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public string Accept { get; init; } = "application/json";

    public bool Streams { get; init; }

    public Impersonation? As { get; init; }

    /// <summary>Appends the query's members that have a value.</summary>
    public static string WithQuery(string path, IEnumerable<(string Name, string? Value)> query)
    {
        var parts = query.Where(q => !string.IsNullOrEmpty(q.Value)).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!)}");
        var text = string.Join('&', parts);
        return text.Length == 0 ? path : $"{path}?{text}";
    }
}
