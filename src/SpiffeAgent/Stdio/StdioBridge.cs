using System.Security.Claims;
using Castellan.ServiceDefaults;
using Castellan.ServiceDefaults.Mcp;
using Castellan.SpiffeAgent.Proxy;
using Castellan.SpiffeIdentity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Castellan.SpiffeAgent.Stdio;

/// <summary>
/// Runs the command and serves it over Streamable HTTP. When the command ends, so does this process, with its exit code: starting it
/// again is the kubelet's job.
/// </summary>
internal sealed partial class StdioBridge(
    StdioCommand command, IServiceProvider services, IHostApplicationLifetime lifetime, ProcessExit exit, ILoggerFactory loggers)
    : BackgroundService
{
    private static readonly TimeSpan s_endGrace = TimeSpan.FromSeconds(5);
    private readonly ILogger _logger = loggers.CreateLogger<StdioBridge>();
    private volatile RequestDelegate? _pipeline;

    public bool IsReady => _pipeline is not null;

    public async Task ServeAsync(HttpContext context)
    {
        if (_pipeline is { } pipeline)
        {
            await pipeline(context).ConfigureAwait(false);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsync("the command has not answered yet; try again", context.RequestAborted).ConfigureAwait(false);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartedAsync(stoppingToken).ConfigureAwait(false); // stopping an application that has not started loses the exit code
            exit.Code = await RunAsync(stoppingToken).ConfigureAwait(false);
            LogEnded(_logger, command.Words[0], exit.Code);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            exit.Code = 1;
            LogFailed(_logger, command.Words[0], e);
        }

        lifetime.StopApplication();
    }

    private async Task StartedAsync(CancellationToken ct)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult).ConfigureAwait(false);
        await started.Task.WaitAsync(ct).ConfigureAwait(false);
    }

    /// <summary>Runs the command to its end; gives its exit code.</summary>
    private async Task<int> RunAsync(CancellationToken ct)
    {
        await using var process = StdioProcess.Start(command);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var serving = ServeAsync(process, ended.Token);
        var ending = process.WaitForExitAsync(ct);
        var first = await Task.WhenAny(serving, ending).ConfigureAwait(false);
        _pipeline = null;
        if (first == serving && !ending.IsCompleted)
        {
            // It closed its output: it either ends now, or never spoke MCP.
            await ((Task)ending).WaitAsync(s_endGrace, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!ending.IsCompleted)
            {
                await serving.ConfigureAwait(false);
                throw new IOException("the command closed its standard output and runs on");
            }
        }

        await ended.CancelAsync().ConfigureAwait(false);
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await ending.ConfigureAwait(false);
    }

    private async Task ServeAsync(StdioProcess process, CancellationToken ct)
    {
        McpHttpHost? host = null;
        var options = new McpClientOptions
        {
            ClientInfo = new() { Name = "castellan-spiffe-agent", Version = "0.1.0" },
            InitializationTimeout = TimeSpan.FromMinutes(2), // commands such as npx fetch themselves first
            Handlers = new() { NotificationHandlers = [new(NotificationMethods.ToolListChangedNotification, async (_, token) => await (host?.NotifyToolsChangedAsync(token) ?? Task.CompletedTask).ConfigureAwait(false))] },
        };
        // The SDK tells every broken pipe with two stack traces; what matters of them is told below in one line.
        var transport = new StreamClientTransport(process.Input, process.Output, NullLoggerFactory.Instance);
        await using var client = await McpClient.CreateAsync(transport, options, NullLoggerFactory.Instance, ct).ConfigureAwait(false);
        await using var serving = CreateHost(client);
        host = serving;
        LogReady(_logger, command.Words[0], client.ServerInfo?.Name, client.ServerInfo?.Version);
        _pipeline = Pipeline(serving);
        await client.Completion.WaitAsync(ct).ConfigureAwait(false);
    }

    private McpHttpHost CreateHost(McpClient client)
    {
        var options = new McpHttpOptions { Authenticate = (context, _) => ValueTask.FromResult(Authenticate(context)) };
        options.AllowedHosts.Add("*"); // the client certificate decides, not the name
        return new(StdioServer.For(client), options, loggers, services, TimeProvider.System);
    }

    /// <summary>Built when the command has said what it can do, long after the listeners opened for the probes.</summary>
    private RequestDelegate Pipeline(McpHttpHost host)
    {
        var app = new ApplicationBuilder(services);
        app.UseRouting();
        app.UseEndpoints(endpoints => host.Map(endpoints, ProxyHost.Path));
        return app.Build();
    }

    /// <summary>The handshake has let in the gateway alone; here its ID becomes the owner of MCP sessions.</summary>
    private static McpAuthentication Authenticate(HttpContext context) => context.PeerSpiffeId() is { } peer
        ? McpAuthentication.Accept(new(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, peer.ToString())], "spiffe")), peer.ToString(), peer)
        : McpAuthentication.Unauthenticated("no X.509-SVID; connect with mutual TLS");

    [LoggerMessage(Level = LogLevel.Information, Message = "{Command} serves MCP as {Name} {Version}")]
    private static partial void LogReady(ILogger logger, string command, string? name, string? version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Command} ended with exit code {ExitCode}; ending too")]
    private static partial void LogEnded(ILogger logger, string command, int exitCode);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Command} could not be started or does not speak MCP on standard output; check command and arguments of the ToolServer")]
    private static partial void LogFailed(ILogger logger, string command, Exception exception);
}
