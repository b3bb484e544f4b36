using Castellan.GatewayApi;

namespace Castellan.AgentRuntime.Runs;

/// <summary>Input of activities <c>CallModel</c> and <c>CallTool</c>.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Deadline">When the run gives up (UTC): until then a gateway that is away is waited for.</param>
/// <param name="Request">The call.</param>
internal sealed record CallInput(string RunId, DateTime Deadline, CallRequest Request);
