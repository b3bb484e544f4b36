using System.Globalization;
using Castellan.Rpc;
using Castellan.SpiffeIdentity.Wire.Envoy;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.SpiffeIdentity;

/// <summary>What one stream of SDS has asked for and been sent.</summary>
internal sealed class SecretSubscription
{
    public const string SecretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
    private const int MostNames = 100;
    private IReadOnlyList<string>? _names;
    private long _sent;

    /// <summary>Takes a request; true when an answer is due, false when it only confirms or refuses what was sent.</summary>
    /// <exception cref="RpcException">InvalidArgument: it asks for something else than secrets, or for too many.</exception>
    public bool Take(DiscoveryRequest request)
    {
        if (request.TypeUrl.Length > 0 && request.TypeUrl != SecretType)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"type {request.TypeUrl} is not served here; ask for {SecretType}");
        }

        if (request.ResourceNames.Count > MostNames)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"{request.ResourceNames.Count} secrets are asked for; keep to {MostNames}");
        }

        var isStale = request.ResponseNonce.Length > 0 && request.ResponseNonce != Nonce; // written before it saw the last answer
        if (isStale || (_names is not null && _names.SequenceEqual(request.ResourceNames, StringComparer.Ordinal)))
        {
            return false;
        }

        _names = [.. request.ResourceNames];
        return true;
    }

    /// <summary>The next answer, complete.</summary>
    /// <exception cref="RpcException">InvalidArgument: a name is nothing that this caller may have.</exception>
    public DiscoveryResponse Respond(SecretSet secrets)
    {
        _sent++;
        var response = new DiscoveryResponse { VersionInfo = Nonce, Nonce = Nonce, TypeUrl = SecretType };
        foreach (var secret in _names is { Count: > 0 } names ? names.Select(secrets.Find) : secrets.All())
        {
            response.Resources.Add(new Any { TypeUrl = SecretType, Value = secret.ToByteString() });
        }

        return response;
    }

    private string Nonce => _sent.ToString(CultureInfo.InvariantCulture);
}
