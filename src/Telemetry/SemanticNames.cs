namespace Castellan.Telemetry;

/// <summary>
/// Names of attributes: OpenTelemetry's where there is a convention, <c>castellan.*</c> where there is none. The conventions for generative AI
/// and MCP still change, so they are named here and nowhere else.
/// </summary>
/// <remarks>Source: OpenTelemetry semantic conventions for GenAI (v1.41) and for MCP, both in development.</remarks>
public static class SemanticNames
{
    /// <summary>What is done: <c>chat</c>, <c>execute_tool</c> or <c>invoke_agent</c>.</summary>
    public const string Operation = "gen_ai.operation.name";

    /// <summary>Who makes the model answer.</summary>
    public const string Provider = "gen_ai.provider.name";

    /// <summary>The model that was asked.</summary>
    public const string RequestModel = "gen_ai.request.model";

    /// <summary>The model that answered.</summary>
    public const string ResponseModel = "gen_ai.response.model";

    /// <summary>Why the model stopped.</summary>
    public const string FinishReasons = "gen_ai.response.finish_reasons";

    /// <summary>Tokens of the prompt.</summary>
    public const string InputTokens = "gen_ai.usage.input_tokens";

    /// <summary>Tokens of the answer.</summary>
    public const string OutputTokens = "gen_ai.usage.output_tokens";

    /// <summary><c>input</c> or <c>output</c>.</summary>
    public const string TokenType = "gen_ai.token.type";

    /// <summary>Name of the agent.</summary>
    public const string AgentName = "gen_ai.agent.name";

    /// <summary>Namespace and name of the agent.</summary>
    public const string AgentId = "gen_ai.agent.id";

    /// <summary>Generation of the agent.</summary>
    public const string AgentVersion = "gen_ai.agent.version";

    /// <summary>The session.</summary>
    public const string ConversationId = "gen_ai.conversation.id";

    /// <summary>Name of the tool on its server.</summary>
    public const string ToolName = "gen_ai.tool.name";

    /// <summary>Always <c>function</c>: tools are called by name with arguments.</summary>
    public const string ToolType = "gen_ai.tool.type";

    /// <summary>The call's id.</summary>
    public const string ToolCallId = "gen_ai.tool.call.id";

    /// <summary>Arguments of a tool call, redacted; only when content is asked for.</summary>
    public const string ToolArguments = "gen_ai.tool.call.arguments";

    /// <summary>Result of a tool call; only when content is asked for.</summary>
    public const string ToolResult = "gen_ai.tool.call.result";

    /// <summary>The MCP method.</summary>
    public const string McpMethod = "mcp.method.name";

    /// <summary>The revision of MCP that is spoken.</summary>
    public const string McpRevision = "mcp.protocol.version";

    /// <summary>The MCP session, for revisions that have one.</summary>
    public const string McpSession = "mcp.session.id";

    /// <summary>Id of the JSON-RPC request.</summary>
    public const string RpcRequestId = "jsonrpc.request.id";

    /// <summary>Code of a JSON-RPC error.</summary>
    public const string RpcStatus = "rpc.response.status_code";

    /// <summary>One word for the kind of error; absent where all went well.</summary>
    public const string ErrorType = "error.type";

    /// <summary>Method of an HTTP request.</summary>
    public const string HttpMethod = "http.request.method";

    /// <summary>Route of an HTTP request, with the names of its parameters.</summary>
    public const string HttpRoute = "http.route";

    /// <summary>The call, as the audit log names it.</summary>
    public const string CallId = "castellan.call.id";

    /// <summary><c>Tool</c> or <c>Model</c>.</summary>
    public const string CallKind = "castellan.call.kind";

    /// <summary>How the call ended.</summary>
    public const string CallState = "castellan.call.state";

    /// <summary>Which attempt this is, from 1; more than 1 after a crash or a broken connection.</summary>
    public const string CallAttempt = "castellan.call.attempt";

    /// <summary>What the tool does to the world.</summary>
    public const string CallEffect = "castellan.call.effect";

    /// <summary>Number of the call in its run.</summary>
    public const string CallSequence = "castellan.call.sequence";

    /// <summary>Namespace of the tool server, the model or the agent.</summary>
    public const string Namespace = "castellan.namespace";

    /// <summary>Name of the ToolServer.</summary>
    public const string ToolServer = "castellan.tool_server";

    /// <summary>Name of the ModelConfig.</summary>
    public const string Model = "castellan.model";

    /// <summary>What policy decided.</summary>
    public const string Decision = "castellan.policy.decision";

    /// <summary>The policy that decided.</summary>
    public const string Policy = "castellan.policy.name";

    /// <summary>The rule that decided.</summary>
    public const string Rule = "castellan.policy.rule";

    /// <summary>Digest of the policies that decided.</summary>
    public const string PolicyRevision = "castellan.policy.revision";

    /// <summary>The run.</summary>
    public const string RunId = "castellan.run.id";

    /// <summary>How the run ended.</summary>
    public const string RunState = "castellan.run.state";

    /// <summary>Which part of a call's time.</summary>
    public const string Stage = "castellan.stage";

    /// <summary>The identity of a process.</summary>
    public const string SpiffeId = "castellan.spiffe_id";

    /// <summary>Name of an orchestration.</summary>
    public const string Workflow = "castellan.workflow.name";

    /// <summary>Name of an activity.</summary>
    public const string Activity = "castellan.activity.name";

    /// <summary>The work queue, as client-go calls the label.</summary>
    public const string QueueName = "name";

    /// <summary>The reconciler's kind, as controller-runtime calls the label.</summary>
    public const string Controller = "controller";

    /// <summary>How a reconcile ended, as controller-runtime calls the label.</summary>
    public const string Result = "result";
}
