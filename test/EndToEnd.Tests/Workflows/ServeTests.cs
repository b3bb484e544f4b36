using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Castellan.EndToEnd.Tests.Workflows;

/// <summary>The sidecar alone, used by the official client and looked after by the command.</summary>
public sealed class ServeTests : IAsyncLifetime
{
    private const string Alpha = "token-of-alpha", Beta = "token-of-beta";
    private readonly LocalSystem _system = LocalSystem.New();
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-serve-").FullName;

    private string Store => $"sqlite:{Path.Combine(_folder, "flows.db")}";

    private string Tokens => Path.Combine(_folder, "tokens");

    public Task InitializeAsync() => File.WriteAllTextAsync(Tokens, $"# hub token\nalpha {Alpha}\nbeta {Beta}\n");

    public async Task DisposeAsync()
    {
        await _system.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Serve_WhenTheOfficialClientWorks_IsLookedAfterByTheCommand()
    {
        _system.Environment["DAPR_API_TOKEN"] = Alpha;
        await using (var sidecar = await ServedSidecar.StartAsync(_system, "--store", Store, "--api-token-file", Tokens))
        {
            await using (var node = await DaprNode.StartAsync(sidecar.Address.Port, Alpha))
            {
                await node.AskAsync("schedule", "chain", "Ada", "greeting");
                Assert.Equal("\"HELLO ADA!\"", (string?)(await node.AskAsync("ended", "greeting"))!["output"]);
                await HistoryAndRerunAsync(sidecar, node);
                await SteerAsync(sidecar, node);
            }
            await PurgeAsync(sidecar);
            await OtherHubsAreApartAsync(sidecar);
            Assert.Contains("Stopped.", (await sidecar.StopAsync()).MustSucceed().Output, StringComparison.Ordinal);
        }

        await using var again = await ServedSidecar.StartAsync(_system, "--store", Store, "--api-token-file", Tokens);
        Assert.Equal("Terminated", (string?)(await JsonAsync(again, "get", "stopped"))["status"]);
    }

    private async Task HistoryAndRerunAsync(ServedSidecar sidecar, DaprNode node)
    {
        var lines = (await JsonAsync(sidecar, "history", "greeting")).AsArray();
        Assert.Equal(["hello", "shout"], lines.Where(l => (string?)l!["kind"] == "TaskCompleted").Select(l => (string?)l!["name"]));
        var told = (await RunAsync(sidecar, "history", "greeting")).MustSucceed().Output;
        Assert.Matches(@"\+\S+ m?s +\d+ +activity +shout", told);
        Assert.Contains("\"HELLO ADA!\"", told, StringComparison.Ordinal);

        var shout = (int)lines.First(l => (string?)l!["kind"] == "TaskScheduled" && (string?)l["name"] == "shout")!["step"]!;
        (await RunAsync(sidecar, "rerun", "greeting", "--step", $"{shout}", "--new-id", "greeting-2")).MustSucceed();
        Assert.Equal("\"HELLO ADA!\"", (string?)(await node.AskAsync("ended", "greeting-2"))!["output"]);
    }

    private async Task SteerAsync(ServedSidecar sidecar, DaprNode node)
    {
        await node.AskAsync("schedule", "event", null, "asked");
        await node.AskAsync("schedule", "event", null, "stopped");
        await node.AskAsync("started", "asked");
        await node.AskAsync("started", "stopped");
        Assert.Equal(["asked", "stopped"], (await JsonAsync(sidecar, "list", "--status", "Running", "--name", "event", "--from", "1h")).AsArray().Select(i => (string)i!["instanceId"]!).Order());

        (await RunAsync(sidecar, "suspend", "asked", "--reason", "lunch")).MustSucceed();
        Assert.Equal("Suspended", (string?)(await JsonAsync(sidecar, "get", "asked"))["status"]);
        (await RunAsync(sidecar, "resume", "asked")).MustSucceed();
        (await RunAsync(sidecar, "raise", "asked", "Approved", "{\"by\": \"Eve\"}")).MustSucceed();
        Assert.Equal("""{"by":"Eve"}""", (string?)(await node.AskAsync("ended", "asked"))!["output"]);

        Assert.Contains("has not ended", (await RunAsync(sidecar, "purge", "stopped")).Must(1).Errors, StringComparison.Ordinal);
        (await RunAsync(sidecar, "terminate", "stopped", "--reason", "enough")).MustSucceed();
        Assert.Equal("Terminated", (string?)(await JsonAsync(sidecar, "get", "stopped"))["status"]);
        Assert.Contains("no JSON", (await RunAsync(sidecar, "raise", "asked", "Approved", "{")).Must(2).Errors, StringComparison.Ordinal);
        Assert.Contains("nobody", (await RunAsync(sidecar, "terminate", "nobody")).Must(1).Errors, StringComparison.Ordinal);
    }

    private async Task PurgeAsync(ServedSidecar sidecar)
    {
        (await RunAsync(sidecar, "purge")).Must(2);
        Assert.Contains("1 purged", (await RunAsync(sidecar, "purge", "greeting")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Contains("2 purged", (await RunAsync(sidecar, "purge", "--status", "Completed")).MustSucceed().Output, StringComparison.Ordinal);
        Assert.Equal(["stopped"], (await JsonAsync(sidecar, "list")).AsArray().Select(i => (string)i!["instanceId"]!));
    }

    private async Task OtherHubsAreApartAsync(ServedSidecar sidecar)
    {
        _system.Environment["DAPR_API_TOKEN"] = Beta;
        Assert.Empty((await JsonAsync(sidecar, "list")).AsArray());
        Assert.Contains("does not exist", (await RunAsync(sidecar, "get", "stopped")).Must(1).Errors, StringComparison.Ordinal);
        _system.Environment["DAPR_API_TOKEN"] = "guessed";
        Assert.Contains("DAPR_API_TOKEN", (await RunAsync(sidecar, "list")).Must(1).Errors, StringComparison.Ordinal);
        _system.Environment["DAPR_API_TOKEN"] = Alpha;
    }

    [Fact]
    public async Task Serve_WhenItCannot_SaysWhy()
    {
        _system.Environment["DAPR_API_TOKEN"] = null;
        await using var sidecar = await ServedSidecar.StartAsync(_system, "--store", Store);
        Assert.Contains(sidecar.Introduction, l => l.Contains("DAPR_API_TOKEN=", StringComparison.Ordinal) && l.Contains("made for this run", StringComparison.Ordinal));

        await FailsAsync(1, "in use", "--listen", "127.0.0.1:0", "--store", Store);
        await FailsAsync(2, "sqlite:FILE", "--listen", "127.0.0.1:0", "--store", "mysql:x");
        await FailsAsync(2, "--tls-cert", "--listen", "0.0.0.0:0", "--store", Store);
        await FailsAsync(2, "--tls-key is missing", "--listen", "127.0.0.1:0", "--store", Store, "--tls-cert", "x.pem");
        await FailsAsync(1, "x.pem", "--listen", "127.0.0.1:0", "--store", Store, "--tls-cert", "x.pem", "--tls-key", "y.pem");
        await FailsAsync(2, "127.0.0.1:50001", "--listen", "here", "--store", Store);
        await FailsAsync(1, "cannot be read", "--listen", "127.0.0.1:0", "--store", Store, "--api-token-file", Path.Combine(_folder, "none"));

        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = $"127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        await FailsAsync(1, $"{taken} is taken", "--listen", taken, "--store", $"sqlite:{Path.Combine(_folder, "other.db")}");
    }

    private async Task FailsAsync(int exitCode, string said, params string[] arguments)
    {
        var failed = (await _system.RunAsync(["workflows", "serve", .. arguments])).Must(exitCode);
        Assert.Contains(said, failed.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", failed.Errors + failed.Output, StringComparison.Ordinal);
    }

    private Task<Answer> RunAsync(ServedSidecar sidecar, params string[] arguments) => _system.RunAsync(["workflows", .. arguments, "--endpoint", sidecar.Address.AbsoluteUri]);

    private Task<JsonNode> JsonAsync(ServedSidecar sidecar, params string[] arguments) => _system.JsonAsync(["workflows", .. arguments, "--endpoint", sidecar.Address.AbsoluteUri]);
}
