using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Castellan.AgentGateway.Tests.World;
using Castellan.GatewayApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Tests.Budgets;

/// <summary>A model call through the whole gateway: what it is asked for, what it reports, what it costs.</summary>
public sealed class BudgetModelTests
{
    [Fact]
    public async Task ModelCall_WhenTokensAndCostAreLimited_IsBoundedAndSettledWithWhatTheProviderReports()
    {
        var asked = new ConcurrentQueue<JsonNode>();
        await using var provider = await ProviderAsync(asked);
        await using var world = await GatewayWorld.StartAsync();
        await Manifests.ApplyAsync(world.Cluster.Admin, $$"""
            apiVersion: castellan.dev/v1alpha1
            kind: ModelConfig
            metadata: {name: book, namespace: default}
            spec:
              provider: OpenAICompatible
              model: m
              baseUrl: {{provider.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}}/v1
              price: {inputPerMillion: "2", cachedInputPerMillion: "0.5", outputPerMillion: "10"}
            """);
        await world.ApplyBudgetAsync("name: daily, namespace: default", """{per: User, window: 366d, limits: {tokens: 9000, cost: "0.2"}}""");
        await Eventually.TrueAsync(() => world.Gateway.Services.GetRequiredService<Discovery.ClusterCatalog>().Models.Items.Single().Spec.Price is not null);
        var (you, agent) = (world.You(), world.Agent());
        var run = (await you.StartRunAsync("default", "triage", new StartRunRequest("why?"), default)).RunId;

        var first = await ModelAsync(agent, run, 1, "why?");

        Assert.Equal((CallState.Completed, "because"), (first.State, first.Response!.Text));
        Assert.Equal(8192, (int)Assert.Single(asked)["max_tokens"]!);
        var purse = Assert.Single(await you.ListBudgetsAsync(default));
        Assert.Equal(("user you", 1L, 1100L, 0L), (purse.Of, purse.Used.Calls, purse.Used.Tokens, purse.Reserved.Tokens));
        Assert.Equal(("0.0024", "0.00"), (purse.Used.Cost, purse.Reserved.Cost)); // of a million: 600 at 2, 400 cached at 0.5, 100 written at 10

        var second = await ModelAsync(agent, run, 2, "and now?");
        Assert.Equal((CallState.Denied, "default/daily"), (second.State, second.Policy));
        Assert.Matches("^the call of model book is denied: budget default/daily of user you has 7900 of 9000 tokens left, and up to 8[0-9]{3} are asked for; it is full again at .* UTC$", second.Message);
        Assert.Single(asked);
    }

    private static Task<CallResult> ModelAsync(GatewayClient agent, string run, long sequence, string text) => agent.CallAsync(
        run, new CallRequest { Sequence = sequence, Kind = CallKind.Model, Model = new ModelCall([new ChatMessage(ChatRole.User, text)]) }, default);

    private static async Task<WebApplication> ProviderAsync(ConcurrentQueue<JsonNode> asked)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/v1/chat/completions", async (HttpContext http) =>
        {
            asked.Enqueue((await JsonNode.ParseAsync(http.Request.Body))!);
            return Results.Text("""
                {"id":"c1","object":"chat.completion","created":1760000000,"model":"m-1","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"because"}}],
                 "usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,"prompt_tokens_details":{"cached_tokens":400}}}
                """, "application/json");
        });
        await app.StartAsync();
        return app;
    }
}
