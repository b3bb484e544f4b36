using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity;

/// <summary>The Workload API's methods over an authority and an attestor.</summary>
internal sealed partial class WorkloadApiEndpoint(Authority authority, CallerAttestation callers, ILogger logger)
{
    public GrpcService CreateService() => new GrpcService(WorkloadApiMethods.Service, new() { TimeProvider = authority.Clock })
        .Gate(RequireSecurityHeader)
        .ServerStreaming(WorkloadApiMethods.FetchX509Svid, FetchX509SvidAsync)
        .ServerStreaming(WorkloadApiMethods.FetchX509Bundles, FetchX509BundlesAsync)
        .Unary(WorkloadApiMethods.FetchJwtSvid, FetchJwtSvidAsync)
        .ServerStreaming(WorkloadApiMethods.FetchJwtBundles, FetchJwtBundlesAsync)
        .Unary(WorkloadApiMethods.ValidateJwtSvid, ValidateJwtSvidAsync);

    private static ValueTask RequireSecurityHeader(GrpcServerCall call) =>
        call.Metadata(WorkloadApiMethods.SecurityHeader) is ["true"]
            ? ValueTask.CompletedTask
            : throw new RpcException(StatusCode.InvalidArgument, $"security header missing from request; send metadata {WorkloadApiMethods.SecurityHeader}: true");

    private async Task FetchX509SvidAsync(X509SVIDRequest request, GrpcResponseStream<X509SVIDResponse> stream, GrpcServerCall call)
    {
        while (true)
        {
            var feed = new X509Feed(authority, await callers.AttestAsync(call).ConfigureAwait(false));
            var (svids, bundle) = CallerAttestation.Issue(feed);
            await stream.WriteAsync(Response(svids, bundle)).ConfigureAwait(false);
            LogIssued(logger, svids[0].Id, CallerAttestation.Peer(call).Process.Pid, svids[0].NotAfter);
            await feed.WaitForChangeAsync(call.Cancellation).ConfigureAwait(false);
        }
    }

    private Task FetchX509BundlesAsync(X509BundlesRequest request, GrpcResponseStream<X509BundlesResponse> stream, GrpcServerCall call) =>
        OnBundleChangeAsync(call, bundle => bundle.X509.Export(), content =>
        {
            var response = new X509BundlesResponse();
            response.Bundles[authority.TrustDomain.Id.ToString()] = content;
            return stream.WriteAsync(response);
        });

    private async Task<JWTSVIDResponse> FetchJwtSvidAsync(JWTSVIDRequest request, GrpcServerCall call)
    {
        if (request.Audience.Count == 0 || request.Audience.Contains(""))
        {
            throw new RpcException(StatusCode.InvalidArgument, "audience must be specified; name whom the token is for");
        }

        var identities = await callers.AttestAsync(call).ConfigureAwait(false);
        if (request.SpiffeId.Length > 0)
        {
            identities = [.. identities.Where(i => i.Id == RequestedId(request.SpiffeId))];
        }

        if (identities.Count == 0)
        {
            throw new RpcException(StatusCode.PermissionDenied, $"this process is not entitled to {request.SpiffeId}; ask for one of its own identities");
        }

        var response = new JWTSVIDResponse();
        response.Svids.AddRange(identities.Select(i => new JWTSVID { SpiffeId = i.Id.ToString(), Svid = authority.IssueJwt(i.Id, request.Audience), Hint = i.Hint }));
        return response;
    }

    private Task FetchJwtBundlesAsync(JWTBundlesRequest request, GrpcResponseStream<JWTBundlesResponse> stream, GrpcServerCall call) =>
        OnBundleChangeAsync(call, bundle => bundle.ExportJwtAuthorities(), content =>
        {
            var response = new JWTBundlesResponse();
            response.Bundles[authority.TrustDomain.Id.ToString()] = content;
            return stream.WriteAsync(response);
        });

    private async Task<ValidateJWTSVIDResponse> ValidateJwtSvidAsync(ValidateJWTSVIDRequest request, GrpcServerCall call)
    {
        if (request.Audience.Length == 0 || request.Svid.Length == 0)
        {
            throw new RpcException(StatusCode.InvalidArgument, "audience and svid must be specified");
        }

        _ = await callers.AttestAsync(call).ConfigureAwait(false);
        try
        {
            var bundle = authority.Bundle;
            var svid = JwtSvidVerifier.Verify(request.Svid, domain => domain == bundle.TrustDomain ? bundle : null, request.Audience, authority.Clock.GetUtcNow());
            if (authority.Denials.Denies(svid.Id))
            {
                throw new RpcException(StatusCode.InvalidArgument, $"{svid.Id} is denied; its tokens prove nothing any more");
            }

            return new() { SpiffeId = svid.Id.ToString(), Claims = Google.Protobuf.WellKnownTypes.Struct.Parser.ParseJson(svid.Claims) };
        }
        catch (JwtSvidException e)
        {
            throw new RpcException(StatusCode.InvalidArgument, e.Message, e);
        }
        catch (Exception e) when (e is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw new RpcException(StatusCode.InvalidArgument, "a claim of the token is a number that cannot be carried; issue it again", e);
        }
    }

    private static SpiffeId RequestedId(string text) =>
        SpiffeId.TryParse(text, out var id) ? id : throw new RpcException(StatusCode.InvalidArgument, $"requested SPIFFE ID is malformed; write {SpiffeIdSyntax.Scheme}…");

    /// <summary>Sends at once and then whenever what is sent differs from what was sent.</summary>
    private async Task OnBundleChangeAsync(GrpcServerCall call, Func<TrustBundle, byte[]> export, Func<ByteString, Task> send)
    {
        ByteString? sent = null;
        while (true)
        {
            var (change, denials) = (authority.BundleChange, authority.Denials.ChangeToken); // taken first, so that no change is missed
            _ = await callers.AttestAsync(call).ConfigureAwait(false);
            var content = ByteString.CopyFrom(export(authority.Bundle));
            if (content != sent)
            {
                await send(content).ConfigureAwait(false);
                sent = content;
            }

            await ChangeWaiting.WaitAsync([change, denials], until: null, authority.Clock, call.Cancellation).ConfigureAwait(false);
        }
    }

    private static X509SVIDResponse Response(IReadOnlyList<IssuedX509Svid> svids, X509Bundle bundle)
    {
        var authorities = ByteString.CopyFrom(bundle.Export());
        var response = new X509SVIDResponse();
        response.Svids.AddRange(svids.Select(svid => new X509SVID
        {
            SpiffeId = svid.Id.ToString(),
            X509Svid = UnsafeByteOperations.UnsafeWrap(svid.Chain),
            X509SvidKey = UnsafeByteOperations.UnsafeWrap(svid.Pkcs8),
            Bundle = authorities,
            Hint = svid.Hint,
        }));
        return response;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Issued {SpiffeId} to process {Pid}, valid until {NotAfter:O}")]
    private static partial void LogIssued(ILogger logger, SpiffeId spiffeId, int pid, DateTimeOffset notAfter);
}
