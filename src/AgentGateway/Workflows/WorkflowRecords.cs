using Castellan.AgentGateway.Identity;
using Castellan.Audit;

namespace Castellan.AgentGateway.Workflows;

/// <summary>Records what operators do to workflows by hand, before and after. No record, no deed.</summary>
internal sealed class WorkflowRecords(AuditLog log)
{
    internal async Task<T> AroundAsync<T>(Principal user, string hub, string? instanceId, string verb, string? reason, Func<Task<T>> act, CancellationToken ct)
    {
        var record = new AuditRecord
        {
            Stage = AuditStage.Intent,
            Kind = AuditKind.Workflow,
            Who = new AuditWho { Principal = user.Name, Groups = user.Groups },
            What = new AuditWhat { Name = instanceId, Server = hub, Method = verb },
            Why = reason is null ? null : new AuditWhy { Reason = reason },
            Where = new AuditWhere { RunId = instanceId, Component = "gateway" },
        };
        await log.AppendAsync(record, ct);
        var outcome = new AuditOutcome { Status = "Completed" };
        try
        {
            return await act();
        }
        catch (Exception e)
        {
            outcome = new AuditOutcome { Status = "Failed", Error = e.Message };
            throw;
        }
        finally
        {
            // Also for a caller that hung up: what was done is on record.
            await log.AppendAsync(record with { Stage = AuditStage.Completed, Outcome = outcome }, CancellationToken.None);
        }
    }
}
