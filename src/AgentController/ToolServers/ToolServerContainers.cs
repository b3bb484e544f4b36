using System.Globalization;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.ToolServers;

/// <summary>The containers of a tool server's pod. One of them is always ours: it ends mutual TLS and lets in the gateway alone.</summary>
internal static class ToolServerContainers
{
    private const int DefaultPort = 8000;
    private const string DefaultPath = "/mcp";

    public static IReadOnlyList<Container> Of(ToolServer server, AgentControllerOptions options)
    {
        var name = HardenedPod.Variable(WorkloadEnvironment.ToolServer, server.Metadata.Name!);
        return server.Spec switch
        {
            { BuiltIn: { } builtIn } => [HardenedPod.Ours(options, WorkloadImages.McpServers, BuiltInArguments(builtIn, options), [name, .. HardenedPod.Telemetry(options)])],
            { Container: { Transport: ToolTransport.Stdio } container } => [Stdio(container, options, name)],
            { Container: { } container } => [Proxy(container, options, name), Server(container)],
            _ => throw new InvalidOperationException($"ToolServer {server.Key} says nothing that runs in a pod; its schema lets no such object in"),
        };
    }

    private static List<string> BuiltInArguments(BuiltInServer builtIn, AgentControllerOptions options)
    {
        List<string> arguments = [builtIn.Server.ToString().ToLowerInvariant()];
        foreach (var ns in builtIn.Namespaces ?? [])
        {
            arguments.AddRange(["--namespace", ns]);
        }
        if (builtIn.ReadOnly is true)
        {
            arguments.Add("--read-only");
        }
        if (!options.RequireDelegation)
        {
            arguments.Add("--trust-gateway");
        }
        return arguments;
    }

    private static Container Proxy(ContainerServer container, AgentControllerOptions options, EnvVar name)
    {
        var upstream = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{container.Port ?? DefaultPort}{container.Path ?? DefaultPath}");
        return HardenedPod.Ours(options, WorkloadImages.SpiffeAgent, ["proxy", "--upstream", upstream], name);
    }

    private static Container Server(ContainerServer container) =>
        HardenedPod.Foreign("server", container.Image!, [.. container.Command ?? []], Environment(container));

    // The command is a child of the proxy, in the proxy's container: standard input and output do not cross containers.
    private static Container Stdio(ContainerServer container, AgentControllerOptions options, EnvVar name)
    {
        var proxy = HardenedPod.Ours(
            options, WorkloadImages.SpiffeAgent, ["proxy", "--stdio", "--", .. container.Command!], [name, .. Environment(container)]);
        proxy.Image = container.Image ?? proxy.Image;
        return proxy;
    }

    private static IEnumerable<EnvVar> Environment(ContainerServer container) =>
        (container.Environment ?? new Dictionary<string, string>()).OrderBy(v => v.Key, StringComparer.Ordinal)
        .Select(v => HardenedPod.Variable(v.Key, v.Value));
}
