using System.Diagnostics;
using System.Text.Json.Nodes;
using Castellan.AgentApi.Workloads;
using Castellan.Rpc;
using Castellan.SpiffeIdentity;

namespace Castellan.EvilAgent;

/// <summary>Attack 3: another agent's identity from the Workload API, and another agent's task hub.</summary>
internal static class StolenIdentity
{
    /// <summary>Verb of this program: asks the Workload API who it is, and says so.</summary>
    public const string Verb = "ask";

    private const string Nothing = "nothing";

    /// <summary>Asks once; standard output tells what came.</summary>
    public static async Task<int> AskAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            using var client = new WorkloadApiClient();
            Console.WriteLine((await client.FetchX509Async(patience.Token)).Svid.Id);
        }
        catch (RpcException e)
        {
            Console.WriteLine($"{Nothing}: {e.StatusCode}: {e.Message}");
        }

        return 0;
    }

    public static async Task<AttackResult> TryAsync(Foothold pod, Orders orders, CancellationToken ct)
    {
        var (agent, run) = (orders["agent"], orders["run"]);
        var said = await PretendAsync(agent, ct).ConfigureAwait(false);
        List<Attempt> attempts = [new($"ask the Workload API for the SVID of agent {agent}, from a process that pretends to be its", !said.StartsWith(Nothing, StringComparison.Ordinal), said)];
        attempts.AddRange(Memory());
        attempts.Add(await HubAsync(pod, agent, run, ct).ConfigureAwait(false));
        attempts.Add(await OrderAsync($"read run {run} in its own hub", async () =>
            (await pod.Hub.GetWorkflowStateAsync(run, cancellation: ct).ConfigureAwait(false)).Exists ? null : "there is no such instance here").ConfigureAwait(false));
        attempts.Add(await OrderAsync($"end run {run} of agent {agent}", async () =>
        {
            await pod.Hub.TerminateWorkflowAsync(run, cancellation: ct).ConfigureAwait(false);
            return null;
        }).ConfigureAwait(false));
        var call = Foothold.Tool(1, "bank__list", new JsonObject { ["kind"] = "Pod", ["namespace"] = "bank" });
        attempts.Add(await pod.CallAsync($"call a tool in run {run} of agent {agent}", run, call, ct).ConfigureAwait(false));
        return new(attempts);
    }

    // The child has the neighbour's environment and this pod's uid. What counts is which process Castellan started in which pod.
    private static async Task<string> PretendAsync(string agent, CancellationToken ct)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Verb]) { RedirectStandardOutput = true };
        start.Environment[WorkloadEnvironment.Agent] = agent;
        start.Environment[WorkloadEnvironment.PodName] = $"agent-{agent}-0";
        using var child = Process.Start(start) ?? throw new InvalidOperationException("the child did not start");
        var said = await child.StandardOutput.ReadToEndAsync(ct).ConfigureAwait(false);
        await child.WaitForExitAsync(ct).ConfigureAwait(false);
        return said.Trim();
    }

    // Where pods are processes of one machine, their memory is the nearest place of a key.
    private static IEnumerable<Attempt> Memory()
    {
        foreach (var neighbour in Process.GetProcessesByName("Castellan.Agent").Concat(Process.GetProcesses().Where(p => p.ProcessName.StartsWith("Castellan.Agent", StringComparison.Ordinal))).DistinctBy(p => p.Id).Take(1))
        {
            using (neighbour)
            {
                yield return Read($"/proc/{neighbour.Id}/mem");
            }
        }
    }

    private static Attempt Read(string file)
    {
        var tried = $"read the memory of a neighbour, {file}";
        try
        {
            using var memory = File.OpenRead(file);
            return new(tried, true, "it opened");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return new(tried, false, e.Message);
        }
    }

    private static async Task<Attempt> HubAsync(Foothold pod, string agent, string run, CancellationToken ct)
    {
        var id = pod.Identity.Current.Svid.Id;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/runs/{run}/calls/any");
        request.Headers.Add("taskhub", WorkloadNames.SpiffeId(id.TrustDomain.ToString(), "default", WorkloadNames.OfAgent(agent)));
        return await Foothold.SendAsync($"name the hub of agent {agent} in the request's metadata", pod.Http, request, ct).ConfigureAwait(false);
    }

    private static async Task<Attempt> OrderAsync(string tried, Func<Task<string?>> order)
    {
        try
        {
            var refused = await order().ConfigureAwait(false);
            return new(tried, refused is null, refused ?? "done");
        }
        catch (RpcException e)
        {
            return new(tried, false, $"{e.StatusCode}: {e.Message}");
        }
    }
}
