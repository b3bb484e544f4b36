using System.Text.Json.Nodes;
using Castellan.AgentGateway.Delegations;
using Castellan.AgentGateway.Remote;
using Castellan.AgentGateway.Requests;
using Castellan.KubeApi;
using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.AgentGateway.Discovery;

/// <summary>
/// The gateway's one connection to a tool server: MCP over mutual TLS with exactly the SPIFFE ID of that server, or for a remote one over the
/// TLS of the web. Opened at first use, opened again after it broke.
/// </summary>
internal sealed class ToolServerLink : IAsyncDisposable
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);
    private static readonly string[] ListChanges =
        [NotificationMethods.ToolListChangedNotification, NotificationMethods.PromptListChangedNotification, NotificationMethods.ResourceListChangedNotification];

    private static readonly Implementation Self = new() { Name = "castellan-gateway", Version = "0.1.0" };

    private readonly Func<Uri?> _address;
    private readonly Action<string> _changed;
    private readonly ILoggerFactory _logs;
    private readonly HttpClient _http;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private Connection? _connection;

    /// <param name="server">The server.</param>
    /// <param name="handler">Shows our SVID and accepts the server's SPIFFE ID only, or goes through the egress guard; owned by the link.</param>
    /// <param name="address">Where the server is now.</param>
    /// <param name="changed">Told which of its lists the server says to have changed, by the notification's method.</param>
    /// <param name="logs">For the connection's own log.</param>
    internal ToolServerLink(NamespacedName server, HttpMessageHandler handler, Func<Uri?> address, Action<string> changed, ILoggerFactory logs)
    {
        Server = server;
        (_address, _changed, _logs) = (address, changed, logs);
        _http = new HttpClient(new ObligedHeaders(handler)) { Timeout = Timeout.InfiniteTimeSpan };
    }

    internal NamespacedName Server { get; }

    internal static HttpMessageHandler HandlerFor(IX509Source identity, TrustDomain trustDomain, NamespacedName server, DelegationTokens? tokens = null) =>
        new DelegationHandler(new SvidConnections(identity, SpiffeAuthorizer.Exactly(SpiffeId.ForServiceAccount(trustDomain, server.Namespace, $"tools-{server.Name}"))), tokens);

    internal async Task<IList<Tool>> ListToolsAsync(CancellationToken ct)
    {
        var connection = await ConnectAsync(ct);
        try
        {
            return [.. (await connection.Client.ListToolsAsync(cancellationToken: ct)).Select(tool => tool.ProtocolTool)];
        }
        catch (Exception)
        {
            await DropAsync(connection);
            throw;
        }
    }

    /// <summary>Calls a tool of a server that takes no delegation.</summary>
    /// <param name="tool">Name on the server.</param>
    /// <param name="arguments">Arguments.</param>
    /// <param name="meta">The request's <c>_meta</c>: which call this is, for whom, and its trace.</param>
    /// <param name="ct">Ends the wait; the server is told, but may have acted.</param>
    /// <exception cref="ToolUnreachableException">There is no connection: the request was not sent.</exception>
    internal Task<CallToolResult> CallAsync(string tool, JsonObject arguments, JsonObject meta, CancellationToken ct)
    {
        var request = new CallToolRequestParams
        {
            Name = tool,
            Arguments = arguments.ToDictionary(a => a.Key, a => System.Text.Json.JsonSerializer.SerializeToElement(a.Value), StringComparer.Ordinal),
            Meta = meta,
        };
        return UseAsync(connection => connection.Client.CallToolAsync(request, ct).AsTask(), ct);
    }

    /// <summary>Sends any request, and lets the client that waits for it hear what the server says meanwhile.</summary>
    /// <returns>The result as the server wrote it.</returns>
    /// <exception cref="ToolUnreachableException">There is no connection: the request was not sent.</exception>
    /// <exception cref="ToolRefusedException">The server may not be connected to, or turned the gateway away: asking again changes nothing.</exception>
    /// <exception cref="ServerErrorException">The server answered with an error.</exception>
    /// <exception cref="DelegationFailedException">The authority that the request needs is refused: it was not sent.</exception>
    internal Task<JsonNode> SendAsync(ServerRequest request, CancellationToken ct) => UseAsync(connection => connection.HasSession
        ? SessionRequest.SendAsync(connection.Client, request, ct)
        : StatelessRequest.SendAsync(_http, connection.Address, Self, request, ct), ct);

    private async Task<T> UseAsync<T>(Func<Connection, Task<T>> use, CancellationToken ct)
    {
        Connection connection;
        try
        {
            connection = await ConnectAsync(ct);
        }
        catch (Exception e) when (RemoteRefusedException.Behind(e) is { } refused)
        {
            throw new ToolRefusedException(refused.Message, e);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            throw new ToolUnreachableException(Server, e.Message, e);
        }

        try
        {
            return await use(connection);
        }
        catch (Exception e) when (RemoteRefusedException.Behind(e) is { } refused)
        {
            await DropAsync(connection);
            throw new ToolRefusedException(refused.Message, e);
        }
        catch (Exception e) when (e is ModelContextProtocol.McpException or ServerErrorException or DelegationFailedException { IsFinal: true })
        {
            // The server answered, or was not asked: the connection is good.
            throw;
        }
        catch (DelegationFailedException e)
        {
            throw new ToolUnreachableException(Server, e.Message, e);
        }
        catch (HttpRequestException e) when (NotSent(e))
        {
            await DropAsync(connection);
            throw new ToolUnreachableException(Server, e.Message, e);
        }
        catch (Exception)
        {
            await DropAsync(connection);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _http.Dispose();
        _gate.Dispose();
    }

    // A refused connection or handshake carried no request; 404 means that the server has forgotten our session and did not look at it.
    private static bool NotSent(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.NameResolutionError
        || e.StatusCode is System.Net.HttpStatusCode.NotFound or System.Net.HttpStatusCode.ServiceUnavailable or System.Net.HttpStatusCode.Unauthorized or System.Net.HttpStatusCode.Forbidden;

    private async Task<Connection> ConnectAsync(CancellationToken ct)
    {
        var address = _address() ?? throw new InvalidOperationException("it has no Service with an address; wait until it is Ready");
        if (_connection is { } open && open.Address == address)
        {
            return open;
        }

        await _gate.WaitAsync(ct);
        try
        {
            if (_connection is { } current)
            {
                if (current.Address == address)
                {
                    return current;
                }

                _connection = null;
                await current.DisposeAsync();
            }

            return _connection = await OpenAsync(address, ct);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Connection> OpenAsync(Uri address, CancellationToken ct)
    {
        var transport = new HttpClientTransport(
            new HttpClientTransportOptions { Endpoint = address, TransportMode = HttpTransportMode.StreamableHttp, ConnectionTimeout = ConnectTimeout, Name = Server.ToString() },
            _http, _logs, ownsHttpClient: false);
        var options = new McpClientOptions
        {
            ClientInfo = Self,
            InitializationTimeout = ConnectTimeout,
            Handlers = new McpClientHandlers
            {
                NotificationHandlers = [.. ListChanges.Select(method => KeyValuePair.Create(method, Told(method)))],
            },
        };
        var client = await McpClient.CreateAsync(transport, options, _logs, ct);
        return new Connection(address, client);
    }

    private Func<JsonRpcNotification, CancellationToken, ValueTask> Told(string method) => (_, _) =>
    {
        _changed(method);
        return ValueTask.CompletedTask;
    };

    private async Task DropAsync(Connection broken)
    {
        if (Interlocked.CompareExchange(ref _connection, null, broken) == broken)
        {
            await broken.DisposeAsync();
        }
    }

    private sealed class Connection : IAsyncDisposable
    {
        private readonly CancellationTokenSource _closed = new();
        private readonly Task _listening;

        internal Connection(Uri address, McpClient client)
        {
            (Address, Client) = (address, client);
            _listening = ListenAsync();
        }

        internal Uri Address { get; }

        internal McpClient Client { get; }

        /// <summary>The server speaks a revision with sessions.</summary>
        internal bool HasSession => string.CompareOrdinal(Client.NegotiatedProtocolVersion, StatelessRequest.Revision) < 0;

        public async ValueTask DisposeAsync()
        {
            await _closed.CancelAsync();
            await _listening;
            try
            {
                await Client.DisposeAsync();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The connection is broken, which is why it is being let go.
            }

            _closed.Dispose();
        }

        /// <summary>From revision 2026-07-28 on there is no session stream: changes come on a request of their own.</summary>
        private async Task ListenAsync()
        {
            if (HasSession)
            {
                return;
            }

            try
            {
                var wanted = new SubscriptionsListenRequestParams { Notifications = new SubscriptionsListenNotifications { ToolsListChanged = true, PromptsListChanged = true, ResourcesListChanged = true } };
                await Client.SendRequestAsync<SubscriptionsListenRequestParams, EmptyResult>(RequestMethods.SubscriptionsListen, wanted, cancellationToken: _closed.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException or ModelContextProtocol.McpException)
            {
                // A server without subscriptions: its tools are listed again every minute anyway.
            }
        }
    }
}

/// <summary>A tool server cannot be reached; nothing was sent to it.</summary>
internal sealed class ToolUnreachableException(NamespacedName server, string problem, Exception inner)
    : Exception($"tool server {server} cannot be reached: {problem}; see 'castellan get toolservers' and its log", inner);

/// <summary>A remote tool server may not be connected to, or turned the gateway away; it did nothing, and asking again changes nothing.</summary>
/// <param name="problem">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
internal sealed class ToolRefusedException(string problem, Exception inner) : Exception(problem, inner);
