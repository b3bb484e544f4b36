using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.KubeClient.Discovery;
using Castellan.LocalCluster;
using Castellan.LocalCluster.Kubelet;
using Castellan.McpServers.Cluster;
using Castellan.Models.Runbooks;
using Castellan.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.McpServers.Tests.Cluster;

/// <summary>The first example as it is shipped: its workload really crashes, its runbook plays against these tools, its fix really helps.</summary>
public sealed class TriageExampleTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-triage-").FullName;
    private LocalCluster.LocalCluster _cluster = null!;
    private KubeConnection _admin = null!;
    private ClusterServer _server = null!;

    public async Task InitializeAsync()
    {
        _cluster = await LocalCluster.LocalCluster.StartAsync(new LocalClusterOptions
        {
            DataDirectory = _folder, FlushToDisk = false, Images = new Dictionary<string, ImageCommand>(), RestartBackoff = TimeSpan.FromMilliseconds(300),
        });
        _admin = new KubeConnection(_cluster.AdminConfig);
        _server = new ClusterServer(_admin, new ClusterOptions(["shop"], false, TrustsGateway: true), NullLogger<ClusterServer>.Instance);
        foreach (var file in new[] { "10-workload.yaml", "20-access.yaml" }) await CreateAsync(File.ReadAllText(Example(file)));
        await CreateAsync("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: triage, namespace: shop}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: triage}
            subjects: [{kind: ServiceAccount, name: agent-triage, namespace: default}]
            """);
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _admin.Dispose();
        await _cluster.DisposeAsync();
        LocalCluster.LocalCluster.Forget(_folder);
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Example_WhenWorkloadCrashes_RunbookFindsTheCauseAndFixesIt()
    {
        await UntilAsync(p => p.Status?.ContainerStatuses?.Any(c => c.RestartCount > 0) == true);
        await UntilAsync<Event>(e => e.Reason == "BackOff");

        var diagnosis = await PlayAsync("why is checkout failing?");
        var fix = await PlayAsync("fix it");
        var after = await PlayAsync("why is checkout failing?");

        Assert.Contains("exit code 78", diagnosis);
        Assert.Contains("PAYMENTS_URL is not set", diagnosis);
        Assert.Contains("PAYMENT_URL", diagnosis);
        Assert.Contains("BackOff", diagnosis);
        Assert.Contains("Fixed.", fix);
        Assert.Contains("healthy", after);
    }

    [Fact]
    public async Task Logs_WhenContainerCrashed_ReadsTheStartBefore()
    {
        await UntilAsync(p => p.Status?.ContainerStatuses?.Any(c => c.RestartCount > 0) == true);

        var previous = await CallAsync("logs", """{"kind":"Deployment","name":"checkout","namespace":"shop","previous":true,"grep":"fatal"}""");
        var tail = await CallAsync("logs", """{"kind":"Deployment","name":"checkout","namespace":"shop","previous":true,"tail":1}""");
        var bad = await CallAsync("logs", """{"kind":"Deployment","name":"checkout","namespace":"shop","grep":"(?=x)"}""");

        Assert.Equal(["FATAL config: PAYMENTS_URL is not set, the payments client cannot start"], previous["data"]!["lines"]!.AsArray().Select(l => (string)l!));
        Assert.Single(tail["data"]!["lines"]!.AsArray());
        Assert.Contains("no regular expression that can be used here", (string?)bad["text"]);
    }

    private async Task<string> PlayAsync(string message)
    {
        var config = KubeYaml.Parse(File.ReadAllText(Example("30-model.yaml"))).Single().Deserialize<ModelConfig>(KubeJson.Options)!;
        var program = RunbookProgram.Compile(config.Spec.Runbook!, out var faults);
        Assert.Empty(faults);
        using var model = new RunbookChatClient(program!, config.Spec.Model);
        List<ChatMessage> conversation = [new(ChatRole.User, message)];
        for (var turn = 0; turn < 20; turn++)
        {
            var response = await model.GetResponseAsync(conversation);
            conversation.AddRange(response.Messages);
            var calls = response.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>().ToList();
            if (calls.Count == 0) return response.Text;
            foreach (var call in calls)
            {
                var result = await CallAsync(call.Name["cluster__".Length..], JsonSerializer.Serialize(call.Arguments));
                conversation.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, JsonSerializer.SerializeToElement(result))]));
            }
        }
        throw new InvalidOperationException("the runbook does not end");
    }

    private async Task<JsonObject> CallAsync(string tool, string arguments)
    {
        var result = await _server.CallAsync(ShopFixture.Request(tool, arguments), null, CancellationToken.None);
        return new()
        {
            ["text"] = ShopFixture.TextOf(result), ["isError"] = result.IsError ?? false,
            ["data"] = result.StructuredContent is { } data ? JsonNode.Parse(data.GetRawText()) : null,
        };
    }

    private async Task CreateAsync(string yaml)
    {
        var discovery = new KubeDiscovery(_admin);
        foreach (var item in KubeYaml.Parse(yaml)) await _admin.CreateAsync((await discovery.FindAsync((string)item["apiVersion"]!, (string)item["kind"]!))!.Resource, item);
    }

    private Task UntilAsync(Func<Pod, bool> reached) => UntilAsync<Pod>(reached);

    private async Task UntilAsync<T>(Func<T, bool> reached) where T : KubeObject
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var change in _admin.WatchAsync<T>("shop", null, limit.Token))
        {
            if (reached(change.Object!)) return;
        }
    }

    private static string Example(string file) => Path.Combine(Repository.Root, "examples", "01-sre-triage", file);
}
