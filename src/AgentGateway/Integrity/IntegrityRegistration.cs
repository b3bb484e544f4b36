using Castellan.AgentGateway.Endpoints;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.AgentGateway.Integrity;

internal static class IntegrityRegistration
{
    /// <summary>Adds the pins of tools, the gate they make, and the desk where definitions are approved.</summary>
    internal static IServiceCollection AddIntegrity(this IServiceCollection services) =>
        services.AddSingleton<ToolPins>().AddSingleton<ToolGate>().AddSingleton<ToolDesk>().AddSingleton<ToolEndpoints>();
}
