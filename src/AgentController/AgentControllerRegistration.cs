using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Castellan.AgentController;

/// <summary>Puts the operator into a host.</summary>
public static class AgentControllerRegistration
{
    /// <summary>Adds the operator as a hosted service, with a health check that passes once it works or stands by.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="create">Makes the operator.</param>
    public static IServiceCollection AddAgentController(this IServiceCollection services, Func<IServiceProvider, AgentControllerHost> create)
    {
        services.AddSingleton(create);
        services.AddHealthChecks().Add(new HealthCheckRegistration("controller", s => s.GetRequiredService<AgentControllerHost>(), null, null));
        return services.AddHostedService(s => s.GetRequiredService<AgentControllerHost>());
    }
}
