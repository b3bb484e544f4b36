using System.Text.Json;
using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>The variables that conditions of rules may name, and their values for one call. docs/policy.md lists them.</summary>
public static class CallVocabulary
{
    // As Kubernetes does for expressions: ten times what an evaluation may cost passes, because most data are smaller than an estimate assumes.
    private const long MostEstimated = 10_000_000;

    /// <summary>The variable for which a session's calls must be counted: see <see cref="PolicySet.Reads"/>.</summary>
    public const string SessionVariable = "session";

    /// <summary>The variable for which purses must be looked into: see <see cref="PolicySet.Reads"/>.</summary>
    public const string BudgetsVariable = "budgets";

    private static readonly CelType Arguments = CelType.Map(CelType.String, CelType.Dyn);

    internal static CelType Call { get; } = CelType.Object("call",
        new("kind", CelType.String), new("namespace", CelType.String), new("server", CelType.String), new("tool", CelType.String),
        new("effect", CelType.String), new("args", Arguments), new("annotations", CallAnnotations.Type));

    internal static CelType Principal { get; } = CelType.Object("principal",
        new("user", CelType.String), new("groups", CelType.List(CelType.String)), new("spiffeId", CelType.String));

    internal static CelType OnBehalfOf { get; } = CelType.Object("onBehalfOf",
        new("user", CelType.String), new("groups", CelType.List(CelType.String)));

    internal static CelType Agent { get; } = CelType.Object("agent",
        new("namespace", CelType.String), new("name", CelType.String), new("labels", CelType.Map(CelType.String, CelType.String)),
        new("revision", CelType.String));

    internal static CelType Model { get; } = CelType.Object("model",
        new("provider", CelType.String), new("name", CelType.String), new("region", CelType.String));

    internal static CelType Session { get; } = CelType.Object(SessionVariable,
        new("id", CelType.String), new("calls", CelType.Int), new("writes", CelType.Int), new("denied", CelType.Int), new("models", CelType.Int),
        new("tools", CelType.Map(CelType.String, CelType.Int)));

    internal static CelType Budget { get; } = CelType.Object("budget",
        new("callsUsed", CelType.Int), new("callsLeft", CelType.Int), new("tokensUsed", CelType.Int), new("tokensLeft", CelType.Int),
        new("costUsed", CelType.Double), new("costLeft", CelType.Double));

    /// <summary>The environment in which conditions are compiled.</summary>
    public static CelEnvironment Environment { get; } = CelEnvironment.Standard
        .WithVariable("call", Call)
        .WithVariable("principal", Principal)
        .WithVariable("onBehalfOf", OnBehalfOf)
        .WithVariable("agent", Agent)
        .WithVariable("model", Model)
        .WithVariable(SessionVariable, Session)
        .WithVariable(BudgetsVariable, CelType.Map(CelType.String, Budget))
        .WithVariable("now", CelType.Timestamp)
        .WithFunctions(Guards.GuardLibrary.Overloads())
        .WithParseLimits(new CelParseLimits(Cost: MostEstimated));

    /// <summary>Gives the variables their values.</summary>
    /// <param name="call">The call.</param>
    /// <param name="isPartial">Whether arguments and time are unknown.</param>
    internal static CelActivation Activate(CallContext call, bool isPartial) => Activate(Environment.NewActivation(), call, isPartial);

    /// <summary>Gives the variables their values in an environment that has more of them.</summary>
    internal static CelActivation Activate(CelActivation activation, CallContext call, bool isPartial) => activation
            .Set("call", CelValue.From(new FieldValues(Call,
            [
                CelValue.From(call.Kind == CallKind.Tool ? "Tool" : "Model"), Text(call.Namespace), Text(call.Server), Text(call.Tool),
                Text(call.Effect?.ToString()), isPartial ? CelValue.Unknown : ArgumentsOf(call.Arguments), AnnotationsOf(call).Value,
            ])))
            .Set("principal", CelValue.From(new FieldValues(Principal,
                [Text(call.Principal.User), CelValue.From(call.Principal.Groups), Text(call.Principal.SpiffeId)])))
            .Set("onBehalfOf", CelValue.From(new FieldValues(OnBehalfOf,
                [Text(call.OnBehalfOf?.User), CelValue.From(call.OnBehalfOf?.Groups ?? [])])))
            .Set("agent", CelValue.From(new FieldValues(Agent,
                [Text(call.Agent?.Namespace), Text(call.Agent?.Name), CelValue.From(call.Agent?.Labels ?? Empty), RevisionOf(call.Agent, isPartial)])))
            .Set("model", CelValue.From(new FieldValues(Model, [Text(call.Model?.Provider), Text(call.Model?.Name), Text(call.Model?.Region)])))
            .Set(SessionVariable, isPartial && call.Agent is not null ? CelValue.Unknown : SessionOf(call.Session ?? NoSession))
            .Set(BudgetsVariable, isPartial ? CelValue.Unknown : CelValue.From(BudgetsOf(call.Budgets)))
            .Set("now", isPartial ? CelValue.Unknown : CelValue.From(call.Time));

    private static Dictionary<string, string> Empty { get; } = [];

    private static CallAnnotations AnnotationsOf(CallContext call) =>
        call.Annotations ?? (call.Kind == CallKind.Tool ? CallAnnotations.Silent : CallAnnotations.Harmless);

    private static CallSession NoSession { get; } = new();

    private static CelValue SessionOf(CallSession session) => CelValue.From(new FieldValues(Session,
    [
        CelValue.From(session.Id), CelValue.From(session.Calls), CelValue.From(session.Writes), CelValue.From(session.Denied), CelValue.From(session.Models),
        CelValue.From(CelMap.Create(session.Tools.Select(tool => KeyValuePair.Create(CelValue.From(tool.Key), CelValue.From(tool.Value))))),
    ]));

    private static CelMap BudgetsOf(IReadOnlyDictionary<string, CallBudget>? budgets) => budgets is not { Count: > 0 } ? CelMap.Empty
        : CelMap.Create(budgets.Select(b => KeyValuePair.Create(CelValue.From(b.Key), BudgetOf(b.Value))));

    // What is not limited has room for anything.
    private static CelValue BudgetOf(CallBudget budget) => CelValue.From(new FieldValues(Budget,
    [
        CelValue.From(budget.Used.Calls), CelValue.From(budget.Left.Calls ?? long.MaxValue),
        CelValue.From(budget.Used.Tokens), CelValue.From(budget.Left.Tokens ?? long.MaxValue),
        CelValue.From((double)Money.Units(budget.Used.Cost)), CelValue.From(budget.Left.Cost is { } cost ? (double)Money.Units(cost) : double.PositiveInfinity),
    ]));

    private static CelValue ArgumentsOf(JsonElement? arguments) => arguments switch
    {
        null or { ValueKind: JsonValueKind.Undefined or JsonValueKind.Null } => CelValue.From(CelMap.Empty),
        { ValueKind: JsonValueKind.Object } json => CelJson.FromJson(json),
        var other => throw new FormatException($"the arguments are {other.Value.ValueKind.ToString().ToLowerInvariant()}, not an object; send a JSON object"),
    };

    // A revision that the caller of policy does not know must not pass for the empty one: a rule that asks for it fails, so it denies.
    private static CelValue RevisionOf(CallAgent? agent, bool isPartial) => agent switch
    {
        null => Text(""),
        { Revision: { } revision } => Text(revision),
        _ => isPartial ? CelValue.Unknown : default,
    };

    private static CelValue Text(string? text) => CelValue.From(text ?? "");
}
