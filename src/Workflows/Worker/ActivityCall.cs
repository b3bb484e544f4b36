using Castellan.Storage;
using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Worker;

/// <summary>One delivery of an activity.</summary>
internal sealed record ActivityCall(ActivityRequest Request, string Token, int Delivery);

/// <summary>What became of it, with the writes that its completion commits.</summary>
internal sealed record ActivityOutcome(ActivityResponse Response, Action<IUnitOfWork>? Writes);
