using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.Audit;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Audit.Delivery;

/// <summary>Sends the log to an OpenTelemetry collector.</summary>
/// <remarks>
/// OTLP/HTTP in its JSON encoding. The specification lets a client drop what is refused for good; this one does not, because an audit record that
/// is left out is worse than a collector that is asked once a minute.
/// </remarks>
internal sealed partial class OtlpLogSink(AuditSettings settings, HttpClient http, TimeProvider clock, ILogger<OtlpLogSink> logger) : IAuditSink
{
    private const int LongestAnswer = 300;
    private static readonly string Version = typeof(OtlpLogSink).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    public string Name => "otlp";

    public LogFilter Filter { get; } = new();

    public bool TakesHistory => true;

    public async Task DeliverAsync(IReadOnlyList<StoredRecord> records, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.OtlpEndpoint) { Content = JsonContent.Create(OtlpLogRecords.Request(records, Version, clock.GetUtcNow())) };
        try
        {
            if (settings.OtlpTokenFile.Length > 0)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(settings.OtlpTokenFile, ct)).Trim());
            }

            using var response = await http.SendAsync(request, ct);
            var answer = await response.Content.ReadAsStringAsync(ct);
            if (!response.IsSuccessStatusCode)
            {
                throw new DeliveryFailedException($"{settings.OtlpEndpoint} answered {(int)response.StatusCode}: {answer[..Math.Min(answer.Length, LongestAnswer)]}; look at the collector's log", RetryAfter(response));
            }

            if (Rejected(answer) is > 0 and var rejected)
            {
                PartlyRejected(logger, rejected, records[0].Sequence, records[^1].Sequence, answer[..Math.Min(answer.Length, LongestAnswer)]);
            }
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException || (error is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new DeliveryFailedException($"{settings.OtlpEndpoint} cannot be reached: {error.Message}; is the collector running?", inner: error);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Bounded(delta),
        { Date: { } date } => Bounded(date - clock.GetUtcNow()),
        _ => null,
    };

    private static TimeSpan Bounded(TimeSpan wish) => TimeSpan.FromSeconds(Math.Clamp(wish.TotalSeconds, 0, 600));

    private static long Rejected(string answer)
    {
        try
        {
            return answer.Length > 0 && JsonNode.Parse(answer)?["partialSuccess"]?["rejectedLogRecords"] is { } rejected && long.TryParse(rejected.ToString(), out var count) ? count : 0;
        }
        catch (JsonException)
        {
            return 0; // a collector may answer in words
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The collector took records {First} to {Last} of the audit log without {Rejected} of them, which are not sent again: {Answer}")]
    private static partial void PartlyRejected(ILogger log, long rejected, long first, long last, string answer);
}
