using System.Threading.Channels;
using Castellan.Audit;
using Castellan.Policy;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Policies;

/// <summary>Records each change of the policies in force in the audit log.</summary>
internal sealed partial class PolicyRecorder(PolicyInForce policy, AuditLog audit, ILogger<PolicyRecorder> log) : IAsyncDisposable
{
    private readonly Channel<PolicySet> _changes = Channel.CreateUnbounded<PolicySet>();
    private Task _recording = Task.CompletedTask;

    internal void Start()
    {
        policy.Changed += set => _changes.Writer.TryWrite(set);
        _recording = RecordAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _changes.Writer.TryComplete();
        await _recording;
    }

    private async Task RecordAsync()
    {
        await foreach (var set in _changes.Reader.ReadAllAsync())
        {
            try
            {
                await audit.AppendAsync(RecordOf(set), CancellationToken.None);
            }
            catch (Exception e)
            {
                Failed(log, e, set.Revision);
            }
        }
    }

    private static AuditRecord RecordOf(PolicySet set) => new()
    {
        Stage = AuditStage.Completed,
        Kind = AuditKind.Policy,
        Why = new AuditWhy { PolicyRevision = set.Revision, Reason = set.Faults.Count > 0 ? string.Join("; ", set.Faults) : null },
        Where = new AuditWhere { Component = "gateway" },
        Outcome = new AuditOutcome { Status = set.Faults.Count == 0 ? "InForce" : "LastGoodInForce" },
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "That policies {Revision} came into force cannot be recorded")]
    private static partial void Failed(ILogger log, Exception e, string revision);
}
