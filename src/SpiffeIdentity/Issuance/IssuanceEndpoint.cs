using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire.Issuance;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity;

/// <summary>The server's side of issuing to pods: each call proves its pod by a token, and gets that pod's identity and no other.</summary>
/// <param name="authority">Who issues.</param>
/// <param name="attestor">Says whose token it is.</param>
/// <param name="logger">Told of everything that is issued and refused.</param>
public sealed partial class IssuanceEndpoint(Authority authority, ITokenAttestor attestor, ILogger logger)
{
    private const int LongestToken = 16 << 10;

    /// <summary>An open stream is asked for its right to exist this often, beside every change.</summary>
    private static readonly TimeSpan s_recheck = TimeSpan.FromMinutes(5);

    /// <summary>The service, to be mapped on an HTTPS endpoint.</summary>
    public GrpcService Create() => new GrpcService(IssuanceMethods.Service, new() { TimeProvider = authority.Clock })
        .Unary(IssuanceMethods.SignX509, SignX509Async)
        .Unary(IssuanceMethods.SignJwt, SignJwtAsync)
        .ServerStreaming(IssuanceMethods.Watch, WatchAsync);

    private async Task<SignX509Response> SignX509Async(SignX509Request request, GrpcServerCall call)
    {
        var id = await AttestAsync(call).ConfigureAwait(false);
        try
        {
            var key = SigningRequest.PublicKeyOf(request.Csr.ToByteArray(), id);
            var chain = authority.IssueX509Chain(id, key);
            LogIssued(logger, "X.509-SVID", id);
            return new() { SpiffeId = id.ToString(), Chain = UnsafeByteOperations.UnsafeWrap(chain) };
        }
        catch (SigningRequestException e)
        {
            throw new RpcException(e.IsForOther ? StatusCode.PermissionDenied : StatusCode.InvalidArgument, e.Message, e);
        }
        catch (IdentityDeniedException e)
        {
            throw new RpcException(StatusCode.PermissionDenied, e.Message, e);
        }
    }

    private async Task<SignJwtResponse> SignJwtAsync(SignJwtRequest request, GrpcServerCall call)
    {
        var id = await AttestAsync(call).ConfigureAwait(false);
        if (request.Audience.Count == 0 || request.Audience.Contains(""))
        {
            throw new RpcException(StatusCode.InvalidArgument, "audience must be specified; name whom the token is for");
        }

        try
        {
            var token = authority.IssueJwt(id, request.Audience);
            LogIssued(logger, "JWT-SVID", id);
            return new() { SpiffeId = id.ToString(), Token = token };
        }
        catch (IdentityDeniedException e)
        {
            throw new RpcException(StatusCode.PermissionDenied, e.Message, e);
        }
    }

    private async Task WatchAsync(WatchRequest request, GrpcResponseStream<WatchResponse> stream, GrpcServerCall call)
    {
        WatchResponse? sent = null;
        while (true)
        {
            var (bundles, denials) = (authority.BundlesChange, authority.Denials.ChangeToken); // taken first, so that no change is missed
            var id = await AttestAsync(call).ConfigureAwait(false);
            var response = new WatchResponse { SpiffeId = id.ToString(), TrustDomain = authority.TrustDomain.Name };
            foreach (var bundle in authority.Bundles)
            {
                response.Bundles[bundle.TrustDomain.Name] = ByteString.CopyFrom(bundle.Export());
            }

            if (!response.Equals(sent))
            {
                await stream.WriteAsync(response).ConfigureAwait(false);
                sent = response;
            }

            await ChangeWaiting.WaitAsync([bundles, denials], authority.Now + s_recheck, authority.Clock, call.Cancellation).ConfigureAwait(false);
        }
    }

    private async Task<SpiffeId> AttestAsync(GrpcServerCall call)
    {
        try
        {
            var identity = await attestor.AttestAsync(TokenOf(call), call.Cancellation).ConfigureAwait(false);
            return authority.Denials.Denies(identity.Id) ? throw new IdentityDeniedException(identity.Id) : identity.Id;
        }
        catch (PodTokenException e)
        {
            LogRefused(logger, call.HttpContext.Connection.RemoteIpAddress, e.Fault, e.Message);
            throw new RpcException(e.Fault == PodTokenFault.Unavailable ? StatusCode.Unavailable : StatusCode.Unauthenticated, $"{e.Fault}: {e.Message}", e);
        }
        catch (IdentityDeniedException e)
        {
            throw new RpcException(StatusCode.PermissionDenied, e.Message, e);
        }
    }

    private static string TokenOf(GrpcServerCall call) =>
        call.Metadata(IssuanceMethods.TokenHeader) is [{ Length: <= LongestToken } value] && value.StartsWith(IssuanceMethods.TokenScheme, StringComparison.Ordinal) && value.Length > IssuanceMethods.TokenScheme.Length
            ? value[IssuanceMethods.TokenScheme.Length..]
            : throw new PodTokenException(PodTokenFault.Missing, "no token was sent; send the pod's projected service-account token as metadata authorization: Bearer");

    [LoggerMessage(Level = LogLevel.Debug, Message = "Issued an {Kind} to a pod of {SpiffeId}")]
    private static partial void LogIssued(ILogger logger, string kind, SpiffeId spiffeId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refused an identity to {Remote}: {Fault}: {Reason}")]
    private static partial void LogRefused(ILogger logger, System.Net.IPAddress? remote, PodTokenFault fault, string reason);
}
