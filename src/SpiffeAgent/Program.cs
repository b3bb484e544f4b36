using Castellan.ServiceDefaults;
using Castellan.SpiffeAgent.Proxy;
using Castellan.SpiffeAgent.Workload;

return await ServiceHost.RunAsync(_ => Task.FromResult(args is [WorkloadOptions.Verb, ..]
    ? WorkloadHost.Build(WorkloadOptions.From(args, Environment.GetEnvironmentVariable))
    : ProxyHost.Build(ProxyOptions.From(args, Environment.GetEnvironmentVariable))), "castellan-spiffe-agent");
