using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.KubeClient;
using Castellan.Policy;

namespace Castellan.Cli.Policies;

/// <summary>A call written down, with the variables that conditions of policies see (docs/policy.md).</summary>
internal sealed record CallDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    public CallPart Call { get; init; } = new();

    public PersonPart? Principal { get; init; }

    public PersonPart? OnBehalfOf { get; init; }

    public AgentPart? Agent { get; init; }

    public ModelPart? Model { get; init; }

    public CallSession? Session { get; init; }

    public IReadOnlyDictionary<string, BudgetPart>? Budgets { get; init; }

    public DateTimeOffset? Now { get; init; }

    /// <summary>Reads a file of JSON or YAML; <c>-</c> is standard input.</summary>
    /// <exception cref="CommandFailure">It cannot be read, or says something that is not known.</exception>
    public static async Task<CallContext> LoadAsync(string path, CancellationToken ct)
    {
        try
        {
            var text = path == "-" ? await Console.In.ReadToEndAsync(ct) : await File.ReadAllTextAsync(path, ct);
            return KubeYaml.Parse(text) is [var one] ? Parse(one, path) : throw new CommandFailure($"{path} is not one call", "write one JSON or YAML object");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or KubeYamlException)
        {
            throw new CommandFailure($"{path} cannot be read: {error.Message}", "give a JSON or YAML file that describes a call; docs/policy.md shows one", inner: error);
        }
    }

    /// <param name="json">The object.</param>
    /// <param name="source">Where it stands, for messages.</param>
    /// <exception cref="CommandFailure">It says something that is not known, or too little.</exception>
    public static CallContext Parse(JsonObject json, string source)
    {
        try
        {
            return json.Deserialize<CallDocument>(Json)!.ToContext(source);
        }
        catch (JsonException error)
        {
            throw new CommandFailure($"{source} is not a call: {error.Message}", "use the fields of the variables call, principal, onBehalfOf, agent, model, session, budgets and now; docs/policy.md lists them", inner: error);
        }
    }

    private CallContext ToContext(string source)
    {
        var ns = Call.Namespace ?? Agent?.Namespace ?? "default";
        var kind = Call.Kind ?? (Model is null ? CallKind.Tool : CallKind.Model);
        if (Agent is null && Principal is null)
        {
            throw new CommandFailure($"{source} does not say who calls", "add agent: {name: …} for a call of an agent, or principal: {user: …, groups: […]} for one of a person");
        }
        return new CallContext
        {
            Kind = kind,
            Namespace = ns,
            Principal = Agent is null ? Principal!.ToPrincipal() : new CallPrincipal { SpiffeId = Principal?.SpiffeId ?? $"spiffe://castellan.local/ns/{Agent.Namespace ?? ns}/sa/agent-{Agent.Name}" },
            OnBehalfOf = OnBehalfOf?.ToPrincipal(),
            Agent = Agent is null ? null : new CallAgent(Agent.Namespace ?? ns, Agent.Name) { Labels = Agent.Labels, Revision = Agent.Revision },
            Server = Call.Server,
            Tool = Call.Tool,
            Effect = kind == CallKind.Tool ? Call.Effect ?? ToolEffect.Write : null,
            Annotations = Call.Annotations,
            Arguments = Call.Args is null ? null : JsonSerializer.SerializeToElement(Call.Args),
            Model = Model is null ? null : new CallModel(Model.Provider, Model.Name, Model.Region),
            Session = Session,
            Budgets = Budgets?.ToDictionary(b => b.Key, b => b.Value.ToBudget()),
            Time = Now ?? TimeProvider.System.GetUtcNow(),
        };
    }

    internal sealed record BudgetPart
    {
        private const double Millionths = 1e6;

        public long CallsUsed { get; init; }

        public long? CallsLeft { get; init; }

        public long TokensUsed { get; init; }

        public long? TokensLeft { get; init; }

        public double CostUsed { get; init; }

        public double? CostLeft { get; init; }

        public CallBudget ToBudget() => new(
            new BudgetAmounts(CallsUsed, TokensUsed, (long)Math.Round(CostUsed * Millionths)),
            new BudgetCaps(CallsLeft, TokensLeft, CostLeft is { } cost ? (long)Math.Round(cost * Millionths) : null));
    }

    internal sealed record CallPart
    {
        public CallKind? Kind { get; init; }

        public string? Namespace { get; init; }

        public string? Server { get; init; }

        public string? Tool { get; init; }

        public ToolEffect? Effect { get; init; }

        public CallAnnotations? Annotations { get; init; }

        public JsonObject? Args { get; init; }
    }

    internal sealed record PersonPart
    {
        public string? User { get; init; }

        public IReadOnlyList<string> Groups { get; init; } = [];

        public string? SpiffeId { get; init; }

        public CallPrincipal ToPrincipal() => new() { User = User, Groups = Groups, SpiffeId = SpiffeId };
    }

    internal sealed record AgentPart
    {
        public string? Namespace { get; init; }

        public required string Name { get; init; }

        public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

        public string Revision { get; init; } = "1";
    }

    internal sealed record ModelPart
    {
        public required string Provider { get; init; }

        public required string Name { get; init; }

        public string Region { get; init; } = "";
    }
}
