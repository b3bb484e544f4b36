using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Castellan.SpiffeIdentity;

/// <summary>The Workload API's methods over an issuer and an attestor.</summary>
internal sealed partial class WorkloadApiEndpoint(ISvidIssuer issuer, CallerAttestation callers, ILogger logger)
{
    public GrpcService CreateService() => new GrpcService(WorkloadApiMethods.Service, new() { TimeProvider = issuer.Clock })
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
            var feed = new X509Feed(issuer, await callers.AttestAsync(call).ConfigureAwait(false));
            var (svids, bundles) = await CallerAttestation.IssueAsync(feed, call.Cancellation).ConfigureAwait(false);
            await stream.WriteAsync(Response(svids, bundles)).ConfigureAwait(false);
            LogIssued(logger, svids[0].Id, CallerAttestation.Peer(call).Process.Pid, svids[0].NotAfter);
            await feed.WaitForChangeAsync(call.Cancellation).ConfigureAwait(false);
        }
    }

    private Task FetchX509BundlesAsync(X509BundlesRequest request, GrpcResponseStream<X509BundlesResponse> stream, GrpcServerCall call) =>
        OnBundleChangeAsync(call, stream, bundles =>
        {
            var response = new X509BundlesResponse();
            foreach (var bundle in bundles.X509Parts())
            {
                response.Bundles[bundle.TrustDomain.Id.ToString()] = ByteString.CopyFrom(bundle.Export());
            }

            return response;
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
        foreach (var identity in identities)
        {
            var token = await issuer.IssueJwtAsync(identity.Id, request.Audience, call.Cancellation).ConfigureAwait(false);
            response.Svids.Add(new JWTSVID { SpiffeId = identity.Id.ToString(), Svid = token, Hint = identity.Hint });
        }

        return response;
    }

    private Task FetchJwtBundlesAsync(JWTBundlesRequest request, GrpcResponseStream<JWTBundlesResponse> stream, GrpcServerCall call) =>
        OnBundleChangeAsync(call, stream, bundles =>
        {
            var response = new JWTBundlesResponse();
            foreach (var bundle in bundles)
            {
                response.Bundles[bundle.TrustDomain.Id.ToString()] = ByteString.CopyFrom(bundle.ExportJwtAuthorities());
            }

            return response;
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
            var bundles = issuer.Bundles;
            var svid = JwtSvidVerifier.Verify(request.Svid, domain => bundles.FirstOrDefault(b => b.TrustDomain == domain), request.Audience, issuer.Clock.GetUtcNow());
            if (issuer.Denies(svid.Id))
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
    private async Task OnBundleChangeAsync<T>(GrpcServerCall call, GrpcResponseStream<T> stream, Func<IReadOnlyList<TrustBundle>, T> respond)
        where T : class, IMessage<T>
    {
        T? sent = null;
        while (true)
        {
            var (change, denials) = (issuer.BundleChange, issuer.DenialChange); // taken first, so that no change is missed
            _ = await callers.AttestAsync(call).ConfigureAwait(false);
            var response = respond(issuer.Bundles);
            if (!response.Equals(sent))
            {
                await stream.WriteAsync(response).ConfigureAwait(false);
                sent = response;
            }

            await ChangeWaiting.WaitAsync([change, denials], until: null, issuer.Clock, call.Cancellation).ConfigureAwait(false);
        }
    }

    private static X509SVIDResponse Response(IReadOnlyList<IssuedX509Svid> svids, IReadOnlyList<X509Bundle> bundles)
    {
        var authorities = ByteString.CopyFrom(bundles[0].Export());
        var response = new X509SVIDResponse();
        response.Svids.AddRange(svids.Select(svid => new X509SVID
        {
            SpiffeId = svid.Id.ToString(),
            X509Svid = UnsafeByteOperations.UnsafeWrap(svid.Chain),
            X509SvidKey = UnsafeByteOperations.UnsafeWrap(svid.Pkcs8),
            Bundle = authorities,
            Hint = svid.Hint,
        }));
        foreach (var federated in bundles.Skip(1))
        {
            response.FederatedBundles[federated.TrustDomain.Id.ToString()] = ByteString.CopyFrom(federated.Export());
        }

        return response;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Issued {SpiffeId} to process {Pid}, valid until {NotAfter:O}")]
    private static partial void LogIssued(ILogger logger, SpiffeId spiffeId, int pid, DateTimeOffset notAfter);
}
