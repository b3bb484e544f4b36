using System.Threading.Channels;
using Castellan.AgentGateway.Identity;
using Castellan.Audit;
using Castellan.SpiffeIdentity;
using Castellan.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Access;

/// <summary>
/// Writes down who was turned away. Nobody can fill the log by knocking: of each principal at each door some are written a minute, and what
/// came beyond stands as a number in the next record.
/// </summary>
/// <remarks>A refusal never depends on its record: where the log cannot be written, it stands all the same, and the process's own log says so.</remarks>
internal sealed partial class AccessRecords(AuditLog log, TimeProvider clock, ILogger<AccessRecords> logger) : BackgroundService
{
    private const int LongestText = 500;
    private readonly KnockLimit _limit = new(clock);

    // Handshakes do not wait: what does not fit while the store is slow is dropped, as the process's own log has it, too.
    private readonly Channel<TurnedAway> _seen = Channel.CreateBounded<TurnedAway>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Takes a refusal from where nobody can wait.</summary>
    internal void Post(TurnedAway seen) => _seen.Writer.TryWrite(seen);

    /// <summary>Writes a refusal, unless there were too many of this kind; completes when it is durable.</summary>
    internal async Task WriteAsync(TurnedAway seen, CancellationToken ct)
    {
        if (_limit.Admit($"{seen.Door}\n{(seen.Principal == TurnedAway.Nobody ? seen.SourceIp : seen.Principal)}", seen.Times) is not { } unwritten)
        {
            return;
        }

        try
        {
            await log.AppendAsync(RecordOf(seen, unwritten), ct);
        }
        catch (StoreException e)
        {
            NotWritten(logger, seen.Principal, seen.Door, seen.Reason, e.Message);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var seen in _seen.Reader.ReadAllAsync(stoppingToken))
        {
            await WriteAsync(seen, stoppingToken);
        }
    }

    private static AuditRecord RecordOf(TurnedAway seen, int unwritten)
    {
        var agent = SpiffeId.TryParse(seen.Principal, out var id) ? Principal.OfAgent(id) : null;
        var reason = Cut(seen.Reason) + (seen.Times > 1 ? $" ({seen.Times} times)" : "") + (unwritten > 0 ? $"; {unwritten} more like it before were not written" : "");
        return new()
        {
            Stage = AuditStage.Rejected,
            Kind = AuditKind.Access,
            Who = new AuditWho { Principal = Cut(seen.Principal), Agent = agent?.Agent, AgentNamespace = agent?.Namespace, SourceIp = seen.SourceIp },
            What = new AuditWhat { Namespace = seen.Namespace, Server = seen.Door, Name = Cut(seen.Request) },
            Why = new AuditWhy { Decision = "Deny", Reason = reason },
            Where = new AuditWhere { Component = seen.Witness },
            Outcome = new AuditOutcome { Status = "Refused", ErrorType = seen.Error },
        };
    }

    private static string Cut(string text) => text.Length <= LongestText ? text : $"{text[..LongestText]}…";

    [LoggerMessage(Level = LogLevel.Error, Message = "{Principal} was turned away at {Door} ({Reason}), and the audit log could not be written: {Problem}")]
    private static partial void NotWritten(ILogger logger, string principal, string door, string reason, string problem);
}
