namespace Castellan.ServiceDefaults.Mcp;

/// <summary>Which revisions of MCP a host serves, and so whether it keeps sessions.</summary>
public enum McpSessionMode
{
    /// <summary>Every request stands alone; revisions before 2026-07-28 work without sessions too, but without server requests and GET streams.</summary>
    Stateless,

    /// <summary>Sessions only: revisions up to 2025-11-25.</summary>
    Stateful,

    /// <summary>Sessions for revisions up to 2025-11-25, none from 2026-07-28 on. What to serve unless there is a reason not to.</summary>
    Hybrid,
}
