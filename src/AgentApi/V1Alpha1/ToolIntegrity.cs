using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>
/// Which definitions of its tools a server is believed. A definition is name, title, description, schemas and annotations; a tool whose
/// definition is not the pinned one is shown to nobody, and calls of it are denied, until somebody approved it.
/// </summary>
public sealed class ToolIntegrity
{
    /// <summary>What pins definitions. Absent: FirstSight; for a built-in server, which changes only with Castellan itself, Follow.</summary>
    public ToolPinning? Pinning { get; set; }

    /// <summary>What becomes of a tool that the server did not have at first sight.</summary>
    [DefaultValue(NewToolRule.Block)]
    public NewToolRule? NewTools { get; set; }

    /// <summary>
    /// The exact digest of a tool's definition, by tool name, as <c>castellan tools list</c> shows it. Such a tool cannot be approved in another way. If
    /// any is named, the other tools are new ones, even at first sight.
    /// </summary>
    [MaxLength(1000)]
    public IDictionary<string, string>? Digests { get; set; }
}

/// <summary>What pins the definitions of a server's tools.</summary>
public enum ToolPinning
{
    /// <summary>The first listing; from then on only an approval.</summary>
    FirstSight,

    /// <summary>The last listing: changes are recorded, and block nothing but tools with text that people cannot see.</summary>
    Follow,
}

/// <summary>What becomes of a tool that a server did not have at first sight.</summary>
public enum NewToolRule
{
    /// <summary>It is blocked until somebody approved it.</summary>
    Block,

    /// <summary>It is pinned as it is seen first.</summary>
    Allow,
}

/// <summary>How the definition of a tool stands to the pinned one. Only pinned tools can be seen and called.</summary>
public enum ToolState
{
    /// <summary>It is the pinned one.</summary>
    Pinned,

    /// <summary>Nobody has approved the tool, which the server did not have at first sight.</summary>
    New,

    /// <summary>It is another than the pinned one.</summary>
    Changed,

    /// <summary>It holds characters that people do not see and models read, and nobody has approved it.</summary>
    Concealed,

    /// <summary>It cannot be pinned: too large, ambiguous, or listed twice.</summary>
    Unreadable,

    /// <summary>The server no longer lists the tool; its pin waits for it.</summary>
    Gone,
}
