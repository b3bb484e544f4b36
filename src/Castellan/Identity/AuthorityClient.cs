using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Local;
using Castellan.SpiffeServer.Operators;

namespace Castellan.Cli.Identity;

/// <summary>Operates the local system's authority over its socket.</summary>
internal sealed class AuthorityClient : IDisposable
{
    private readonly HttpClient _http;

    private AuthorityClient(string socket) => _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        ConnectCallback = async (_, ct) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), ct);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    })
    {
        BaseAddress = new Uri("http://localhost"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Opens the socket of the running system.</summary>
    /// <exception cref="CommandFailure">Nothing runs there.</exception>
    public static AuthorityClient Open(StatePaths paths) => DaemonState.ReadRunning(paths) is not null
        ? new(paths.OperatorSocket)
        : throw new CommandFailure($"nothing runs in {paths.Root}", "'castellan up -d' starts the local system; --state names another directory");

    public Task<AuthorityReport> ReportAsync(CancellationToken ct) => ReadAsync<AuthorityReport>(() => _http.GetAsync("/v1/authority", ct), ct);

    public Task<MintedIdentity> MintAsync(MintRequest request, CancellationToken ct) =>
        ReadAsync<MintedIdentity>(() => _http.PostAsJsonAsync("/v1/mint", request, OperatorJson.Options, ct), ct);

    public Task<AuthorityReport> RotateAsync(CancellationToken ct) => ReadAsync<AuthorityReport>(() => _http.PostAsync("/v1/rotate", null, ct), ct);

    public Task<AuthorityReport> DenyAsync(DenialRequest request, CancellationToken ct) =>
        ReadAsync<AuthorityReport>(() => _http.PostAsJsonAsync("/v1/denials", request, OperatorJson.Options, ct), ct);

    /// <summary>Events from now on, until the system stops.</summary>
    public async IAsyncEnumerable<AuthorityEventReport> WatchAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await using var stream = await _http.GetStreamAsync(new Uri("/v1/events", UriKind.Relative), ct);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(ct) is { } line)
        {
            yield return JsonSerializer.Deserialize<AuthorityEventReport>(line, OperatorJson.Options)!;
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<T> ReadAsync<T>(Func<Task<HttpResponseMessage>> send, CancellationToken ct)
    {
        try
        {
            using var response = await send();
            if (!response.IsSuccessStatusCode)
            {
                var problem = (await response.Content.ReadAsStringAsync(ct)).Split("; ", 2);
                throw new CommandFailure(problem[0].Length > 0 ? problem[0] : $"the authority answered {(int)response.StatusCode}", problem.Length > 1 ? problem[1] : "see the daemon's log");
            }

            return (await response.Content.ReadFromJsonAsync<T>(OperatorJson.Options, ct))!;
        }
        catch (HttpRequestException e)
        {
            throw new CommandFailure($"the authority does not answer: {e.Message}", "run the command as the user who runs the system, or as root", inner: e);
        }
    }
}
