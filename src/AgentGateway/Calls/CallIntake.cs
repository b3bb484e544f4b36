using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Discovery;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Policies;
using Castellan.AgentGateway.Runs;
using Castellan.Audit;
using Castellan.Digests;
using Castellan.GatewayApi;
using Castellan.KubeApi;

namespace Castellan.AgentGateway.Calls;

/// <summary>Turns a request into a decided call: who, what, for whom, and what policy says. Writes nothing.</summary>
internal sealed class CallIntake(ClusterCatalog cluster, ToolCatalog tools, PolicyInForce policy, BudgetsInForce budgets, TimeProvider clock)
{
    /// <summary>A call that an agent makes within a run.</summary>
    /// <exception cref="GatewayException">422: the request is not one call.</exception>
    internal async ValueTask<CallSpec> OfAgentAsync(Principal agent, RunRow run, CallRequest request, string? sourceIp, CancellationToken ct)
    {
        var draft = new Draft(
            CallIds.OfRun(run.Run.RunId, request.Sequence), agent, run.Run.User, run.Groups, agent.Namespace!,
            new CallRun(run.Run.RunId, run.Run.SessionId, request.Sequence, run.Input.Revision), sourceIp) { LoginExpiresAt = run.LoginExpiresAt };
        return budgets.Charge(request switch
        {
            { Kind: CallKind.Model, Model: { } model, Tool: null } => await ModelAsync(draft, run.Input.Model, model, ct),
            { Kind: CallKind.Tool, Tool: { } tool, Model: null } => await AgentToolAsync(draft, run.Input, tool, ct),
            _ => throw Refusals.Invalid($"call {request.Sequence} of kind {request.Kind} does not carry exactly the {(request.Kind == CallKind.Model ? "model" : "tool")} call", "send the member that the kind names, and only that"),
        });
    }

    /// <summary>A tool call that a user makes directly.</summary>
    /// <param name="user">Who calls, for themselves.</param>
    /// <param name="tool">The tool.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="key">The user's own idempotency key; null makes every request a new call.</param>
    /// <param name="sourceIp">Address the request came from.</param>
    /// <param name="ct">Ends the decision.</param>
    internal async ValueTask<CallSpec> OfUserAsync(Principal user, CatalogTool tool, JsonObject arguments, string? key, string? sourceIp, CancellationToken ct)
    {
        var id = key is null ? CallIds.New() : CallIds.OfKey(user.Key, key);
        var draft = new Draft(id, user, user.Name, user.Groups, tool.Server.Namespace, null, sourceIp) { LoginExpiresAt = user.LoginExpiresAt };
        return budgets.Charge(await ToolAsync(draft, tool, arguments, agentAsksForApproval: false, ct));
    }

    /// <summary>A later round of a user's call: the same question to policy, with the client's answers besides, which its identity covers.</summary>
    /// <exception cref="GatewayException">422: the call needs an approval or a confirmation, which covers arguments alone.</exception>
    internal static CallSpec WithAnswers(CallSpec spec, JsonObject answers)
    {
        if (spec.Decision.Demands.Count > 0)
        {
            throw Refusals.Invalid($"{CallTexts.Name(spec)} needs an approval or a confirmation, which covers the arguments and no answers to later questions", "call it without inputResponses and requestState");
        }

        var digest = DigestOf(new JsonObject { ["arguments"] = spec.Tool!.Arguments.DeepClone(), ["answers"] = answers.DeepClone() });
        return spec with { ArgumentsDigest = digest, Tool = spec.Tool with { Answers = answers } };
    }

    private async ValueTask<CallSpec> AgentToolAsync(Draft draft, RunInput input, ToolCall call, CancellationToken ct)
    {
        var arguments = call.Arguments ?? [];
        var (server, name) = Split(call.Name);
        var key = new NamespacedName(draft.Namespace, server);
        if (!input.Tools.Any(t => t.Name == call.Name))
        {
            return Unknown(draft, server, name, arguments, $"tool {call.Name} is not offered to agent {draft.Principal.Agent} in this run; it may use {string.Join(", ", input.Tools.Select(t => t.Name))}");
        }

        if (tools.FindListed(key, name) is not { } tool)
        {
            return Unknown(draft, server, name, arguments, $"tool {call.Name} is not there; see 'castellan get toolservers {server}'");
        }

        var agent = cluster.Agents.Find(new NamespacedName(draft.Principal.Namespace!, draft.Principal.Agent!));
        return await ToolAsync(draft, tool, arguments, AgentOffers.AsksForApproval(agent, server, name), ct);
    }

    private async ValueTask<CallSpec> ToolAsync(Draft draft, CatalogTool tool, JsonObject arguments, bool agentAsksForApproval, CancellationToken ct)
    {
        if (tool.Blocked is { } blocked)
        {
            return Unknown(draft, tool.Server.Name, tool.Name, arguments, $"the definition of tool {tool.Name} is not believed: {blocked}", tool.Digest);
        }

        var decision = await policy.DecideAsync(draft.Question with
        {
            Kind = CallKind.Tool,
            Server = tool.Server.Name,
            Tool = tool.Name,
            Effect = tool.Effect,
            Annotations = tool.Annotations,
            Arguments = arguments,
            AgentAsksForApproval = agentAsksForApproval,
        }, ct);
        // What is taken out of the arguments is out from here on: people approve, and the audit log names, what runs.
        var kept = decision.Obligations?.Redacted(arguments) ?? arguments;
        return Spec(draft, CallKind.Tool, DigestOf(kept), decision) with
        {
            AskedDigest = ReferenceEquals(kept, arguments) ? null : DigestOf(arguments),
            Tool = new CallTool { Server = tool.Server.Name, Name = tool.Name, Digest = tool.Digest, Effect = tool.Effect, Annotations = tool.Annotations, Arguments = kept, Method = tool.Method },
        };
    }

    private async ValueTask<CallSpec> ModelAsync(Draft draft, string modelName, ModelCall model, CancellationToken ct)
    {
        var decision = await policy.DecideAsync(draft.Question with { Kind = CallKind.Model, Model = modelName }, ct);
        var digest = CanonicalJson.Digest(JsonSerializer.SerializeToElement(model, GatewayJson.Options));
        return Spec(draft, CallKind.Model, digest, decision) with
        {
            ModelName = modelName,
            ModelRegion = cluster.Models.Find(new NamespacedName(draft.Namespace, modelName))?.Spec.Region,
            Model = model,
        };
    }

    private CallSpec Unknown(Draft draft, string server, string name, JsonObject arguments, string reason, string digest = "") =>
        Spec(draft, CallKind.Tool, DigestOf(arguments), new CallDecision { Effect = DecisionEffect.Deny, Reason = reason, Revision = policy.Revision }) with
        {
            Tool = new CallTool { Server = server, Name = name, Digest = digest, Effect = ToolEffect.Write, Arguments = arguments },
        };

    private CallSpec Spec(Draft draft, CallKind kind, string digest, CallDecision decision) => new()
    {
        CallId = draft.CallId,
        Kind = kind,
        Principal = draft.Principal,
        OnBehalfOf = draft.OnBehalfOf,
        OnBehalfOfGroups = draft.Groups,
        LoginExpiresAt = draft.LoginExpiresAt,
        Namespace = draft.Namespace,
        Run = draft.Run,
        ArgumentsDigest = digest,
        Decision = decision,
        SourceIp = draft.SourceIp,
        CreatedAt = clock.GetUtcNow(),
    };

    // The digest that approvers compute and sign: one that no two different sets of arguments share, large whole numbers included.
    private static string DigestOf(JsonObject arguments)
    {
        try
        {
            return CanonicalJson.Digest(arguments);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Refusals.Invalid($"the arguments have no canonical form: {e.Message}", "send each member once, valid Unicode, at most 64 levels");
        }
    }

    // Names of servers hold no underscore, so the first pair separates.
    private static (string Server, string Tool) Split(string name) =>
        name.IndexOf("__", StringComparison.Ordinal) is > 0 and var at ? (name[..at], name[(at + 2)..]) : ("", name);

    private sealed record Draft(string CallId, Principal Principal, string OnBehalfOf, IReadOnlyList<string> Groups, string Namespace, CallRun? Run, string? SourceIp)
    {
        public DateTimeOffset? LoginExpiresAt { get; init; }

        /// <summary>What is asked of policy whatever is called.</summary>
        public PolicyQuestion Question => new()
        {
            Kind = CallKind.Tool,
            Principal = Principal,
            OnBehalfOf = OnBehalfOf,
            OnBehalfOfGroups = Groups,
            Namespace = Namespace,
            Revision = Run?.Revision,
            CallId = CallId,
            SessionId = Run?.SessionId,
        };
    }
}
