using System.Globalization;
using Castellan.Rpc.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.Rpc;

/// <summary>Runs one accepted call and turns every way it can end into a status.</summary>
internal sealed partial class GrpcExchange(
    HttpContext context, GrpcServiceOptions options, GrpcServerMethod? method, Func<GrpcServerCall, ValueTask>? gate)
{
    public async Task RunAsync()
    {
        var stopping = method is { IsStream: true } ? Stopping() : CancellationToken.None;
        try
        {
            using var timeout = StartTimeout();
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, timeout?.Token ?? CancellationToken.None);
            try
            {
                await InvokeAsync(new GrpcServerCall(context, linked.Token)).ConfigureAwait(false);
                Finish(StatusCode.OK, "");
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The caller reset the stream: there is nobody to tell.
            }
            catch (OperationCanceledException) when (timeout is { IsCancellationRequested: true })
            {
                Finish(StatusCode.DeadlineExceeded, "the caller's deadline passed");
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                Finish(StatusCode.Unavailable, "the server is stopping; connect again");
            }
        }
        catch (RpcException e)
        {
            Finish(e.StatusCode, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            Finish(StatusCode.Internal, e.Message);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested && !IsLostConnection(e))
        {
            LogFailure(Logger(), context.Request.Path, e);
            Finish(StatusCode.Unknown, "the server failed; its log says why");
        }
        catch (Exception e)
        {
            LogAbandoned(Logger(), context.Request.Path, e);
        }
    }

    // The server's reader may learn of it before the request's token does.
    private static bool IsLostConnection(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is ConnectionAbortedException or ConnectionResetException)
            {
                return true;
            }
        }

        return false;
    }

    private async Task InvokeAsync(GrpcServerCall call)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null; // the limit per message rules instead
        }

        if (gate is not null)
        {
            await gate(call).ConfigureAwait(false);
        }

        if (method is null)
        {
            throw new RpcException(StatusCode.Unimplemented, $"unknown method {context.Request.Path}; check the client's version");
        }

        if (context.Request.Headers.TryGetValue(GrpcHeaders.Encoding, out var encoding) && encoding != GrpcHeaders.Identity)
        {
            context.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
            throw new RpcException(StatusCode.Unimplemented, $"grpc-encoding {encoding} is not supported; send identity");
        }

        await method.Body(call).ConfigureAwait(false);
    }

    private CancellationTokenSource? StartTimeout()
    {
        if (!context.Request.Headers.TryGetValue(GrpcHeaders.Timeout, out var header))
        {
            return null;
        }

        return GrpcTimeout.TryParse(header.ToString(), out var timeout)
            ? new CancellationTokenSource(timeout, options.TimeProvider)
            : throw new RpcException(StatusCode.Internal, $"grpc-timeout '{header}' is malformed; send 1 to 8 digits and one of H M S m u n");
    }

    private CancellationToken Stopping() =>
        context.RequestServices?.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;

    private void Finish(StatusCode status, string message)
    {
        var number = ((int)status).ToString(CultureInfo.InvariantCulture);
        if (!context.Response.HasStarted && status != StatusCode.OK)
        {
            // Trailers-only: the status goes into the one header block.
            context.Response.Headers[GrpcHeaders.Status] = number;
            context.Response.Headers[GrpcHeaders.Message] = GrpcStatusMessage.Encode(message);
            return;
        }

        context.Response.AppendTrailer(GrpcHeaders.Status, number);
        if (message.Length > 0)
        {
            context.Response.AppendTrailer(GrpcHeaders.Message, GrpcStatusMessage.Encode(message));
        }
    }

    private ILogger Logger() =>
        context.RequestServices?.GetService<ILoggerFactory>()?.CreateLogger<GrpcService>()
            ?? (ILogger)Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
}
