using System.Diagnostics;
using System.Globalization;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController;
using Castellan.AgentController.Crds;
using Castellan.KubeApi;
using Castellan.KubeApi.ApiExtensions;
using Castellan.KubeClient.Informers;
using Castellan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

// How many agents per second the operator brings from "created" to "account, Deployment and Service applied, status and event written",
// with the embedded API server in the same process. usage: dotnet run -c Release --project bench/Reconcile [AGENTS]
var count = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 500;
await using var cluster = await TestCluster.StartAsync();
var kube = cluster.Admin;
foreach (var crd in AgentCrds.Generate())
{
    await kube.ApplyAsync(KubeResource.Of<CustomResourceDefinition>(), crd, "bench");
}
var runbook = new Runbook { Procedures = [new RunbookProcedure { Name = "look", Steps = [], Findings = [new RunbookFinding { Text = "Done." }] }] };
await kube.CreateAsync(new ModelConfig { Metadata = Meta("procedure"), Spec = new ModelConfigSpec { Provider = ModelProvider.Runbook, Model = "bench", Runbook = runbook } });

using var controller = new AgentControllerHost(kube, new AgentControllerOptions(), NullLoggerFactory.Instance);
await controller.StartAsync(CancellationToken.None);
await controller.Ready;

using var stop = new CancellationTokenSource();
var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
var reached = new HashSet<string>();
var agents = new Informer<Agent>(kube);
using var subscription = agents.Subscribe(e =>
{
    if (e.Object.Status?.Conditions is { Count: > 0 } && reached.Add(e.Object.Metadata.Name!) && reached.Count == count)
    {
        done.TrySetResult();
    }
});
var watching = agents.RunAsync(stop.Token);

var clock = Stopwatch.StartNew();
await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, ct) =>
    await kube.CreateAsync(new Agent { Metadata = Meta($"agent-{i}"), Spec = new AgentSpec { Instructions = "Do.", Model = new LocalReference { Name = "procedure" } } }, ct: ct));
await done.Task;
var seconds = clock.Elapsed.TotalSeconds;
Console.WriteLine($"{count} agents in {seconds:0.0} s: {count / seconds:0} agents/s");

await controller.StopAsync(CancellationToken.None);
await stop.CancelAsync();
await watching;

static ObjectMeta Meta(string name) => new() { Name = name, Namespace = "default" };
