using Castellan.KubeClient;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentController;

/// <summary>Puts the operator into a host.</summary>
public static class AgentControllerRegistration
{
    /// <summary>Adds the operator as a hosted service.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="options">The installation.</param>
    /// <param name="kube">Makes the connection to the cluster, from the services of the host.</param>
    public static IServiceCollection AddAgentController(
        this IServiceCollection services, AgentControllerOptions options, Func<IServiceProvider, KubeConnection> kube)
    {
        services.AddSingleton(s => new AgentControllerHost(kube(s), options, s.GetRequiredService<ILoggerFactory>()));
        return services.AddHostedService(s => s.GetRequiredService<AgentControllerHost>());
    }
}
