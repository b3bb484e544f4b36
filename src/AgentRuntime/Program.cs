using Castellan.AgentRuntime.Hosting;
using Castellan.ServiceDefaults;

return await ServiceHost.RunAsync(_ => Task.FromResult(AgentHost.Build(AgentEnvironment.Read(Environment.GetEnvironmentVariable))), "castellan-agent").ConfigureAwait(false);
