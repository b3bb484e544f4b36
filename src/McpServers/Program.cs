using Castellan.KubeClient;
using Castellan.McpServers.Hosting;
using Castellan.ServiceDefaults;

if (args is not ["cluster", .. var rest])
{
    await Console.Error.WriteLineAsync($"error: {(args.Length == 0 ? "no server is named" : $"there is no server '{args[0]}'")}; usage: {ClusterArguments.Usage}").ConfigureAwait(false);
    return 2;
}

return await ServiceHost.RunAsync(_ => Task.FromResult(
    ClusterHost.Build(ClusterArguments.Read(rest, Environment.GetEnvironmentVariable), KubeConfig.InCluster())), "castellan-mcp-servers").ConfigureAwait(false);
