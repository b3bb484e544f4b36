using System.Net;

namespace Castellan.AgentGateway.Egress;

/// <summary>Where the gateway may connect to outside of the cluster, section <c>Gateway:Egress</c>.</summary>
public sealed class EgressOptions
{
    private const string Section = "Gateway:Egress";

    /// <summary>
    /// Names of hosts that may be connected to, <c>*</c> standing for any text, for example <c>api.openai.com</c> or <c>*.openai.azure.com</c>. Empty
    /// means every host with public addresses. A name opens no address that is not public: <see cref="Networks"/> does.
    /// </summary>
    public IList<string> Hosts { get; set; } = [];

    /// <summary>
    /// Networks in CIDR form that may be connected to although they are not public, also over plain HTTP, for example that of a model server in
    /// the cluster: <c>10.96.14.7/32</c>. A host that lies in one need not be among <see cref="Hosts"/>.
    /// </summary>
    public IList<string> Networks { get; set; } = [];

    internal IEnumerable<string> Faults() =>
        Networks.Where(n => !IPNetwork.TryParse(n, out _)).Select(n => $"{Section}:{nameof(Networks)} holds '{n}', which is no network; write it as 10.96.14.7/32")
            .Concat(Hosts.Where(h => h.Length == 0 || h.Contains('/') || h.Contains(':')).Select(h => $"{Section}:{nameof(Hosts)} holds '{h}', which is no name of a host; write it as api.openai.com or *.openai.azure.com"));
}
