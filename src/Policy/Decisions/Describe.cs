namespace Castellan.Policy;

/// <summary>Words for the reasons of decisions.</summary>
internal static class Describe
{
    public static string Principal(CallContext call) => call.Agent is { } agent
        ? $"agent {agent.Namespace}/{agent.Name}"
        : call.Principal.User is { } user ? $"user '{user}'" : $"workload '{call.Principal.SpiffeId}'";

    public static string Call(CallContext call) => call.Kind == CallKind.Tool
        ? $"tool '{call.Tool}' of server '{call.Server}'"
        : $"model '{call.Model?.Name}'";
}
