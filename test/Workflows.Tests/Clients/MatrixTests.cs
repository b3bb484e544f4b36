using Castellan.Workflows.Tests.Sidecar;

namespace Castellan.Workflows.Tests.Clients;

/// <summary>
/// The official npm packages, unchanged, against the embedded sidecar: their workers with our client, our worker with their clients,
/// and each alone. Every direction runs all cases at the same time.
/// </summary>
public sealed class MatrixTests
{
    [Theory]
    [InlineData("dapr", "dapr")]
    [InlineData("dapr", "ours")]
    [InlineData("ours", "dapr")]
    [InlineData("durabletask", "durabletask")]
    [InlineData("durabletask", "ours")]
    [InlineData("ours", "durabletask")]
    [InlineData("ours", "ours")]
    public async Task Samples_WhenWorkerAndClientMeet_DoWhatDaprDoes(string worker, string client)
    {
        const string Hub = "matrix";
        await using var server = await SidecarServer.StartAsync();
        string[] roles = worker == client ? ["worker", "client"] : worker == "ours" ? ["client"] : ["worker"];
        await using var node = (worker, client) is ("ours", "ours") ? null : await NodeProcess.StartAsync(worker == "ours" ? client : worker, server, Hub, roles);
        if (worker == "ours")
        {
            await server.AddWorkerAsync(Hub, OurSamples.Register);
        }

        IMatrixClient used = client == "ours" ? new OurClient(server.Client(Hub)) : node!;
        var failures = await Task.WhenAll(MatrixCases.All.Select(one => FailureOfAsync(one.Name, () => one.Body(used, $"{worker}-{client}-{one.Name.Replace(' ', '-')}"))));
        var failed = failures.OfType<string>().ToList();
        Assert.True(failed.Count == 0, $"{string.Join('\n', failed)}\n{(node is null ? "" : await node.EndAsync())}");
    }

    private static async Task<string?> FailureOfAsync(string name, Func<Task> body)
    {
        try
        {
            await body();
            return null;
        }
        catch (Exception error)
        {
            return $"{name}: {error}";
        }
    }
}
