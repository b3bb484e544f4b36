using System.Net;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Exchange;

/// <summary>Where the gateway exchanges what it knows for delegation tokens; section <c>SpiffeServer:Exchange</c>.</summary>
public sealed class ExchangeOptions
{
    private const string Section = $"{SpiffeServerOptions.Section}:{nameof(SpiffeServerOptions.Exchange)}";

    /// <summary>IP and port of the token endpoint (mutual TLS, the gateway alone); empty serves none.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Path of the gateway's SPIFFE ID.</summary>
    public string GatewayIdPath { get; set; } = "/ns/castellan-system/sa/gateway";

    internal IEnumerable<string> Faults()
    {
        if (Endpoint.Length > 0 && !IPEndPoint.TryParse(Endpoint, out _))
        {
            yield return $"{Section}:{nameof(Endpoint)} is '{Endpoint}'; write IP:port";
        }

        if (GatewayIdPath.Length < 2 || !SpiffeId.TryParse($"spiffe://example.org{GatewayIdPath}", out _))
        {
            yield return $"{Section}:{nameof(GatewayIdPath)} is '{GatewayIdPath}'; write the path of a SPIFFE ID, for example /ns/castellan-system/sa/gateway";
        }
    }
}
