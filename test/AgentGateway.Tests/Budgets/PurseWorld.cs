using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Calls;
using Castellan.AgentGateway.Identity;
using Castellan.AgentGateway.Storage;
using Castellan.AgentGateway.Tests.World;
using Castellan.Audit;
using Castellan.GatewayApi;
using Castellan.Policy;
using Castellan.SpiffeIdentity;
using Castellan.Storage;
using Castellan.Testing;
using Microsoft.Extensions.AI;
using CallKind = Castellan.GatewayApi.CallKind;
using DecisionEffect = Castellan.GatewayApi.DecisionEffect;

namespace Castellan.AgentGateway.Tests.Budgets;

/// <summary>The ledgers of one gateway or of several that share a database, without the rest of them; the time is the test's.</summary>
internal sealed class PurseWorld : IAsyncDisposable
{
    internal static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 30, 0, TimeSpan.Zero); // a Wednesday
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("purses-");

    internal ManualTimeProvider Clock { get; } = new(Noon);

    /// <summary>A ledger and a store for each gateway.</summary>
    internal List<(Store Store, CallLedger Calls, PurseLedger Purses)> Gateways { get; } = [];

    internal PurseLedger Purses => Gateways[0].Purses;

    internal static async Task<PurseWorld> StartAsync(bool postgres, int gateways = 1)
    {
        var world = new PurseWorld();
        var location = postgres
            ? StoreLocation.Postgres(await (await PostgresServer.SharedAsync()).CreateDatabaseAsync())
            : StoreLocation.Sqlite(Path.Combine(world._folder.FullName, "s.db"));
        for (var i = 0; i < gateways; i++)
        {
            var store = await Store.OpenAsync(new() { Location = location, Migrations = GatewaySchema.All }, default);
            var purses = new PurseLedger(store, world.Clock);
            world.Gateways.Add((store, new CallLedger(store, new AuditLog(store, world.Clock), purses, world.Clock), purses));
        }

        return world;
    }

    /// <summary>A call of agent default/triage for user you, with the charge of these budgets.</summary>
    internal CallSpec Call(BudgetSet budgets, string id, string session = "s1", string user = "you", ModelConfigSpec? model = null, string agent = "triage") => CallCharging.Charge(
        new CallSpec
        {
            CallId = id,
            Kind = model is null ? CallKind.Tool : CallKind.Model,
            Principal = Principal.OfAgent(SpiffeId.ForServiceAccount(GatewayWorld.Domain, "default", $"agent-{agent}"))!,
            OnBehalfOf = user,
            Namespace = "default",
            Run = new CallRun("r1", session, 1, 1),
            Tool = model is null ? new CallTool { Server = "ops", Name = "read", Digest = "d", Effect = ToolEffect.Read, Arguments = new JsonObject() } : null,
            Model = model is null ? null : new ModelCall([new ChatMessage(ChatRole.User, "why?")]),
            ModelName = model is null ? null : "gpt",
            ArgumentsDigest = "d",
            Decision = new CallDecision { Effect = DecisionEffect.Allow, Reason = "because", Revision = "r" },
            CreatedAt = Clock.GetUtcNow(),
        },
        budgets, _ => model, Clock.GetUtcNow());

    /// <summary>Accepts a call as a gateway does; null if it was accepted, why not otherwise.</summary>
    internal async Task<string?> AcceptAsync(CallSpec spec, int gateway = 0)
    {
        var (store, calls, _) = Gateways[gateway];
        try
        {
            await store.WriteAsync(unit => calls.Accept(unit, spec), default);
            return null;
        }
        catch (BudgetExceededException e)
        {
            return e.Message;
        }
    }

    internal Task EndAsync(CallSpec spec, CallResult result, int gateway = 0) => Gateways[gateway].Store.WriteAsync(unit => Gateways[gateway].Calls.Complete(unit, spec, result), default);

    /// <summary>How the only purse stands that there is now: used and held back.</summary>
    internal async Task<(BudgetAmounts Used, BudgetAmounts Reserved)> OnlyAsync()
    {
        var purse = Assert.Single(await Purses.CurrentAsync(default));
        return (purse.Used, purse.Reserved);
    }

    internal static CallResult Done(CallSpec spec, long input = 0, long output = 0, long cached = 0) => CallTexts.Completed(spec, response: spec.Model is null ? null : new ChatResponse
    {
        Usage = new UsageDetails { InputTokenCount = input, OutputTokenCount = output, CachedInputTokenCount = cached },
    });

    internal static AgentBudget Budget(BudgetScope per, string? window, long? calls = null, long? tokens = null, string? cost = null, string name = "daily") => new()
    {
        Metadata = new() { Namespace = "default", Name = name },
        Spec = new AgentBudgetSpec { Per = per, Window = window, Limits = new BudgetLimits { Calls = calls, Tokens = tokens, Cost = cost } },
    };

    internal static BudgetSet Set(params AgentBudget[] budgets) => BudgetSet.Of(budgets, []);

    public async ValueTask DisposeAsync()
    {
        foreach (var (store, _, _) in Gateways)
        {
            await store.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }
}
