using Castellan.AgentRuntime.Hosting;
using Castellan.EvilAgent;
using Castellan.GatewayApi;
using Castellan.ServiceDefaults;

if (args is [StolenIdentity.Verb])
{
    return await StolenIdentity.AskAsync();
}

// Hardened, attached and attested as every agent's program is: what follows is all that makes it evil.
return await ServiceHost.RunAsync(_ => Task.FromResult(AgentHost.Build(AgentEnvironment.Read(Environment.GetEnvironmentVariable), program: options =>
{
    options.RegisterWorkflow<EvilRun>(RunInput.Orchestration);
    options.RegisterActivity<AttackActivity>(AttackActivity.Name);
})));
