using Castellan.ServiceDefaults;
using Castellan.SpiffeAgent.Proxy;

return await ServiceHost.RunAsync(_ => Task.FromResult(ProxyHost.Build(ProxyOptions.From(args, Environment.GetEnvironmentVariable))));
