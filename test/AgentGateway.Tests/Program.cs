using Castellan.AgentGateway.Tests.Calls;
using Castellan.AgentGateway.Tests.Requests;

// Run by the test host this does nothing; run by a crash test it is a gateway that gets killed, run by the conformance suite a client.
return args switch
{
    ["gateway-to-be-killed", .. var rest] => await CrashChild.RunAsync(rest),
    ["conformance-client", var url] => await ConformanceClient.RunAsync(new Uri(url)),
    _ => 0,
};
