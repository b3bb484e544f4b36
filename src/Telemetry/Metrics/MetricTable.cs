namespace Castellan.Telemetry.Metrics;

/// <summary>Every metric there is. Instruments are made from these rows, the manual lists them, and the dashboard may name no others.</summary>
/// <remarks>
/// Sources: OpenTelemetry semantic conventions for GenAI and MCP (in development) for names, units, attributes and buckets; client-go and
/// controller-runtime for work queues and reconciles, so that the dashboards written for those read ours.
/// </remarks>
public static class MetricTable
{
    private const string Gateway = "gateway", Controller = "controller", Mcp = "gateway, tool servers", Workers = "gateway, agents", All = "all";

    private static readonly double[] Tokens = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];
    private static readonly double[] ModelSeconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
    private static readonly double[] McpSeconds = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];
    private static readonly double[] ShortSeconds = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60, 600, 3600];
    private static readonly double[] QueueSeconds = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];
    private static readonly double[] ReconcileSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    /// <summary>Tokens that models used.</summary>
    public static MetricRow ModelTokens { get; } = new("gen_ai.client.token.usage", MetricKind.Histogram, "{token}", "Input and output tokens of model calls.", Gateway)
    {
        Attributes = [SemanticNames.Operation, SemanticNames.Provider, SemanticNames.RequestModel, SemanticNames.ResponseModel, SemanticNames.TokenType], Buckets = Tokens,
    };

    /// <summary>How long models took.</summary>
    public static MetricRow ModelDuration { get; } = new("gen_ai.client.operation.duration", MetricKind.Histogram, "s", "Time that a model took to answer, one request.", Gateway)
    {
        Attributes = [SemanticNames.Operation, SemanticNames.Provider, SemanticNames.RequestModel, SemanticNames.ResponseModel, SemanticNames.ErrorType], Buckets = ModelSeconds,
    };

    /// <summary>How long requests to tool servers took.</summary>
    public static MetricRow McpClientDuration { get; } = new("mcp.client.operation.duration", MetricKind.Histogram, "s", "Time of an MCP request as the gateway, which sent it, saw it.", Gateway)
    {
        Attributes = [SemanticNames.McpMethod, SemanticNames.Namespace, SemanticNames.ToolServer, SemanticNames.ToolName, SemanticNames.ErrorType], Buckets = McpSeconds,
    };

    /// <summary>How long requests of MCP clients took.</summary>
    public static MetricRow McpServerDuration { get; } = new("mcp.server.operation.duration", MetricKind.Histogram, "s", "Time of an MCP request as the side that answered it saw it.", Mcp)
    {
        Attributes = [SemanticNames.McpMethod, SemanticNames.McpRevision, SemanticNames.ErrorType], Buckets = McpSeconds,
    };

    /// <summary>Calls that ended.</summary>
    public static MetricRow Calls { get; } = new("castellan.calls", MetricKind.Counter, "{call}", "Calls that ended, by what policy decided and how they ended.", Gateway)
    {
        Attributes = [SemanticNames.CallKind, SemanticNames.Namespace, SemanticNames.ToolServer, SemanticNames.Decision, SemanticNames.Policy, SemanticNames.CallState],
    };

    /// <summary>Where a call's time goes.</summary>
    public static MetricRow CallDuration { get; } = new("castellan.call.duration", MetricKind.Histogram, "s", "Time of a call by stage: decide (policy), effect (tool or model, with all attempts), total (with the wait for people).", Gateway)
    {
        Attributes = [SemanticNames.CallKind, SemanticNames.Stage], Buckets = ShortSeconds,
    };

    /// <summary>Approvals that wait.</summary>
    public static MetricRow ApprovalsWaiting { get; } = new("castellan.approvals.waiting", MetricKind.Gauge, "{approval}", "Calls that wait for somebody to approve or confirm them.", Gateway);

    /// <summary>Runs that go on.</summary>
    public static MetricRow RunsOpen { get; } = new("castellan.runs.open", MetricKind.Gauge, "{run}", "Runs that have not ended.", Gateway);

    /// <summary>Runs that ended.</summary>
    public static MetricRow Runs { get; } = new("castellan.runs", MetricKind.Counter, "{run}", "Runs that ended, by how.", Gateway)
    {
        Attributes = [SemanticNames.AgentId, SemanticNames.RunState],
    };

    /// <summary>Records that no checkpoint covers yet.</summary>
    public static MetricRow AuditUncovered { get; } = new("castellan.audit.uncovered", MetricKind.Gauge, "{record}", "Audit records that no signed checkpoint covers yet.", Gateway);

    /// <summary>Records of the audit log.</summary>
    public static MetricRow AuditRecords { get; } = new("castellan.audit.size", MetricKind.Gauge, "{record}", "Records in the audit log.", Gateway);

    /// <summary>How old the checkpoint is.</summary>
    public static MetricRow AuditCheckpoint { get; } = new("castellan.audit.checkpoint.timestamp", MetricKind.Gauge, "s", "When the newest checkpoint was signed, in Unix time.", Gateway);

    /// <summary>How long a turn took.</summary>
    public static MetricRow TurnDuration { get; } = new("castellan.workflow.turn.duration", MetricKind.Histogram, "s", "Time that a worker took for one turn of an orchestration.", Workers)
    {
        Attributes = [SemanticNames.Workflow], Buckets = ShortSeconds,
    };

    /// <summary>How long an activity took.</summary>
    public static MetricRow ActivityDuration { get; } = new("castellan.workflow.activity.duration", MetricKind.Histogram, "s", "Time that a worker took for one delivery of an activity.", Workers)
    {
        Attributes = [SemanticNames.Activity, SemanticNames.ErrorType], Buckets = ShortSeconds,
    };

    /// <summary>Activities that wait.</summary>
    public static MetricRow WorkflowQueue { get; } = new("castellan.workflow.queue.depth", MetricKind.Gauge, "{item}", "Activities that are scheduled and not done, in all hubs of the sidecar.", Gateway);

    /// <summary>When the identity expires.</summary>
    public static MetricRow SvidExpiry { get; } = new("castellan.svid.expiry.timestamp", MetricKind.Gauge, "s", "When the X.509-SVID of this process expires, in Unix time.", All) { Attributes = [SemanticNames.SpiffeId] };

    /// <summary>Keys that wait.</summary>
    public static MetricRow QueueDepth { get; } = new("workqueue.depth", MetricKind.Gauge, "", "Keys that wait in the work queue.", Controller) { Attributes = [SemanticNames.QueueName] };

    /// <summary>Keys that were added.</summary>
    public static MetricRow QueueAdds { get; } = new("workqueue.adds", MetricKind.Counter, "", "Keys that were added to the work queue.", Controller) { Attributes = [SemanticNames.QueueName] };

    /// <summary>Keys that come again.</summary>
    public static MetricRow QueueRetries { get; } = new("workqueue.retries", MetricKind.Counter, "", "Keys that were added again after a failure.", Controller) { Attributes = [SemanticNames.QueueName] };

    /// <summary>How long keys wait.</summary>
    public static MetricRow QueueWait { get; } = new("workqueue.queue.duration", MetricKind.Histogram, "s", "Time that a key waits in the work queue.", Controller) { Attributes = [SemanticNames.QueueName], Buckets = QueueSeconds };

    /// <summary>Reconciles.</summary>
    public static MetricRow Reconciles { get; } = new("controller_runtime.reconcile", MetricKind.Counter, "", "Reconciles that ended, by result: success, requeue_after, conflict, error or terminal.", Controller)
    {
        Attributes = [SemanticNames.Controller, SemanticNames.Result],
    };

    /// <summary>How long reconciles took.</summary>
    public static MetricRow ReconcileDuration { get; } = new("controller_runtime.reconcile.time", MetricKind.Histogram, "s", "Time of one reconcile.", Controller) { Attributes = [SemanticNames.Controller], Buckets = ReconcileSeconds };

    /// <summary>All rows, in the order of the manual.</summary>
    public static IReadOnlyList<MetricRow> Rows { get; } =
    [
        Calls, CallDuration, ModelTokens, ModelDuration, McpClientDuration, McpServerDuration, ApprovalsWaiting, Runs, RunsOpen, AuditRecords, AuditUncovered, AuditCheckpoint,
        TurnDuration, ActivityDuration, WorkflowQueue, SvidExpiry, QueueDepth, QueueAdds, QueueRetries, QueueWait, Reconciles, ReconcileDuration,
    ];
}
