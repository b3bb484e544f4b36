using Castellan.AgentGateway.Tests.Calls;

// Run by the test host this does nothing; run by a crash test it is a gateway that gets killed.
return args is ["gateway-to-be-killed", .. var rest] ? await CrashChild.RunAsync(rest) : 0;
