using System.Text;
using Castellan.AgentApi.V1Alpha1;
using Castellan.SpiffeIdentity;

namespace Castellan.SpiffeServer.Federation;

/// <summary>Brings the bundle that a FederatedTrustDomain asks for, checked: fetched from the endpoint and fit to take the held one's place.</summary>
internal sealed class FederationSource(Authority authority, BundleClient client)
{
    /// <summary>Fetches and checks.</summary>
    /// <exception cref="FederationRefusedException">No bundle, or none that is believed; it says why, in one word and in many.</exception>
    public async Task<TrustBundle> FetchAsync(FederatedTrustDomainSpec spec, CancellationToken ct)
    {
        var domain = DomainOf(spec);
        var url = new Uri(spec.BundleEndpointUrl);
        try
        {
            var json = spec.Profile == BundleEndpointProfile.HttpsWeb
                ? await client.FetchWebAsync(url, ct).ConfigureAwait(false)
                : await FetchSpiffeAsync(spec, domain, url, ct).ConfigureAwait(false);
            var bundle = TrustBundle.Parse(domain, json);
            FederatedBundleCheck.Check(bundle, authority.Federation.Find(domain), authority.Bundle);
            return bundle;
        }
        catch (BundleFetchException e)
        {
            throw new FederationRefusedException(e.Fault.ToString(), e.Message, e);
        }
        catch (FederatedBundleException e)
        {
            throw new FederationRefusedException(e.Fault.ToString(), e.Message, e);
        }
        catch (TrustBundleException e)
        {
            throw new FederationRefusedException("BundleInvalid", $"{url} answers with no bundle, or spec.trustDomainBundle is none: {e.Message}", e);
        }
    }

    /// <summary>The trust domain of a spec.</summary>
    /// <exception cref="FederationRefusedException">Its name breaks a rule.</exception>
    public static TrustDomain DomainOf(FederatedTrustDomainSpec spec) => TrustDomain.TryParse(spec.TrustDomain, out var domain)
        ? domain
        : throw new FederationRefusedException("SpecInvalid", $"spec.trustDomain is '{spec.TrustDomain}'; name it with a-z 0-9 . - _");

    private Task<byte[]> FetchSpiffeAsync(FederatedTrustDomainSpec spec, TrustDomain domain, Uri url, CancellationToken ct)
    {
        if (!SpiffeId.TryParse(spec.EndpointSpiffeId, out var endpoint) || endpoint.Path.Length == 0)
        {
            throw new FederationRefusedException("SpecInvalid", $"spec.endpointSpiffeId is '{spec.EndpointSpiffeId}'; profile HttpsSpiffe needs the SPIFFE ID of the endpoint");
        }

        var bundle = BundleFor(endpoint.TrustDomain, spec, domain)
            ?? throw new FederationRefusedException("NoFirstBundle", endpoint.TrustDomain == domain
                ? "spec.trustDomainBundle is missing; give a first copy of the bundle, by which the endpoint is known until the first fetch"
                : $"no bundle of {endpoint.TrustDomain} is held, which the endpoint belongs to; federate with it first");
        return client.FetchSpiffeAsync(url, endpoint, bundle.X509, ct);
    }

    /// <summary>By whose keys the endpoint is known: always the newest bundle held; the copy in the spec only before the first fetch.</summary>
    private TrustBundle? BundleFor(TrustDomain endpoint, FederatedTrustDomainSpec spec, TrustDomain domain)
    {
        if (endpoint == authority.TrustDomain)
        {
            return authority.Bundle;
        }

        if (authority.Federation.Find(endpoint) is { } held)
        {
            return held;
        }

        return endpoint == domain && spec.TrustDomainBundle is { Length: > 0 } first ? TrustBundle.Parse(domain, Encoding.UTF8.GetBytes(first)) : null;
    }
}

/// <summary>No bundle came that is believed.</summary>
/// <param name="reason">One word to alert on.</param>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
internal sealed class FederationRefusedException(string reason, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One word to alert on.</summary>
    public string Reason { get; } = reason;
}
