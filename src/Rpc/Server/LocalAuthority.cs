using System.IO.Pipelines;
using Castellan.Rpc.Wire.Hpack;
using Microsoft.AspNetCore.Connections;

namespace Castellan.Rpc;

/// <summary>Lets clients in whose <c>:authority</c> on a unix socket is the socket's path.</summary>
/// <remarks>
/// gRPC for Java sends the path, gRPC for Python the path percent-encoded. Kestrel resets such streams and has no setting for it. On a
/// unix socket the authority means nothing, so it is replaced before Kestrel reads it.
/// </remarks>
public static class LocalAuthority
{
    private const int PauseAt = 64 << 10;

    /// <summary>Replaces the authority of every request on this listener by <c>localhost</c>. Plaintext HTTP/2 only.</summary>
    public static void UseLocalAuthority(this IConnectionBuilder listener) => listener.Use(next => connection => RunAsync(connection, next));

    private static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var transport = connection.Transport;
        var rewritten = new Pipe(new PipeOptions(pauseWriterThreshold: PauseAt, resumeWriterThreshold: PauseAt / 2, useSynchronizationContext: false));
        connection.Transport = new Rewritten(rewritten.Reader, transport.Output);
        var pump = PumpAsync(transport.Input, rewritten.Writer);
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            connection.Transport = transport;
            await rewritten.Reader.CompleteAsync().ConfigureAwait(false); // a pump that waits for room goes on, and sees the end
            transport.Input.CancelPendingRead();
            await pump.ConfigureAwait(false);
        }
    }

    private static async Task PumpAsync(PipeReader input, PipeWriter output)
    {
        var rewriter = new HeaderRewriter();
        Exception? problem = null;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync().ConfigureAwait(false);
                var rest = rewriter.Pass(read.Buffer, output);
                input.AdvanceTo(rest.Start, rest.End);
                var flushed = await output.FlushAsync().ConfigureAwait(false);
                if (read.IsCompleted || read.IsCanceled || flushed.IsCompleted)
                {
                    break;
                }
            }
        }
        catch (HpackException e)
        {
            problem = new ConnectionAbortedException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or ConnectionResetException)
        {
            problem = e; // the peer has gone: whoever reads hears of it
        }

        await output.CompleteAsync(problem).ConfigureAwait(false);
    }

    private sealed class Rewritten(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
