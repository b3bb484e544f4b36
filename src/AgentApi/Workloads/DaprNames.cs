using System.Security.Cryptography;
using System.Text;

namespace Castellan.AgentApi.Workloads;

/// <summary>Names under which Dapr knows what is ours.</summary>
public static class DaprNames
{
    /// <summary>App id of the gateway.</summary>
    public const string GatewayAppId = "castellan-gateway";

    /// <summary>Longest app id: Dapr makes a Service of it with <c>-dapr</c> behind, and a Service's name is a DNS label of 63 characters.</summary>
    public const int LongestAppId = 58;

    private const int DigestCharacters = 10;

    /// <summary>
    /// App id of an agent: a DNS label, another for every agent of every namespace. It names the agent's task hub and the keys of its histories,
    /// and a database may serve several namespaces; so the namespace counts, and a digest tells <c>a-b</c>/<c>c</c> from <c>a</c>/<c>b-c</c>.
    /// </summary>
    public static string AppIdOf(string ns, string agent)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{ns}/{agent}")))[..DigestCharacters];
        var readable = $"agent-{ns}-{agent}";
        var room = LongestAppId - DigestCharacters - 1;
        return $"{(readable.Length > room ? readable[..room].TrimEnd('-') : readable)}-{digest}";
    }
}
