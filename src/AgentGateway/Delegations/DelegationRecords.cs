using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Castellan.SpiffeIdentity;
using Castellan.Storage;

namespace Castellan.AgentGateway.Delegations;

/// <summary>Writes down in the audit log which authority was delegated to whom; without the record the token is not used.</summary>
internal sealed class DelegationRecords(Store store, AuditLog log)
{
    private const string Method = "token-exchange";

    internal Task IssuedAsync(DelegationRequest request, DateTimeOffset until) =>
        AppendAsync(Record(request, new AuditOutcome { Status = "Issued" }) with { Why = new AuditWhy { Reason = $"until {until:O}" } });

    internal Task RefusedAsync(DelegationRequest request, string problem) =>
        AppendAsync(Record(request, new AuditOutcome { Status = "Refused", ErrorType = "delegation_refused", Error = problem }));

    private Task AppendAsync(AuditRecord record) => store.WriteAsync(unit => log.Append(unit, record), CancellationToken.None);

    private static AuditRecord Record(DelegationRequest request, AuditOutcome outcome)
    {
        var agent = request.Actor is { } actor ? Principal.OfAgent(actor) : null;
        request.Audience.TryGetServiceAccount(out var ns, out var account);
        return new()
        {
            Stage = AuditStage.Completed,
            Kind = AuditKind.Delegation,
            Who = new AuditWho
            {
                Principal = request.Actor?.ToString() ?? request.Subject,
                Groups = request.Groups.Count > 0 ? request.Groups : null,
                OnBehalfOf = request.Subject,
                Agent = agent?.Agent,
                AgentNamespace = agent?.Namespace,
            },
            What = new AuditWhat { Namespace = ns, Server = account, Name = request.Audience.ToString(), Method = Method },
            Where = new AuditWhere { RunId = request.Run, Component = "gateway" },
            Outcome = outcome,
        };
    }
}
