using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>An MCP server that somebody else runs, spoken to over Streamable HTTP.</summary>
public sealed class RemoteServer
{
    /// <summary>
    /// URL of its MCP endpoint, for example <c>https://mcp.example.com/mcp</c>. Plain http only to a network that whoever runs the gateway
    /// allows. It must be the final one: redirects are not followed.
    /// </summary>
    [RegularExpression("^https?://"), MaxLength(2048)]
    public required string Url { get; set; }

    /// <summary>What the gateway shows to the server; absent shows nothing. Agents never see it.</summary>
    public RemoteCredential? Credential { get; set; }
}

/// <summary>A header that the gateway adds to every request to a remote server.</summary>
public sealed class RemoteCredential
{
    /// <summary>The Secret that holds the value, in this namespace.</summary>
    public required SecretKeyReference Secret { get; set; }

    /// <summary>Name of the header.</summary>
    [RegularExpression("^[A-Za-z0-9-]+$"), MaxLength(100), DefaultValue(RemoteServerFaults.Authorization)]
    public string? Header { get; set; }

    /// <summary>What stands before the value, and a space; empty for the value alone. Absent: Bearer in Authorization, nothing in other headers.</summary>
    [RegularExpression("^[A-Za-z0-9-]*$"), MaxLength(50)]
    public string? Scheme { get; set; }
}
