using System.Text.Json.Nodes;

namespace Castellan.EndToEnd.Tests;

/// <summary><c>castellan identity</c> against a running system.</summary>
public sealed class IdentityTests
{
    private const string Web = "spiffe://castellan.local/ns/default/sa/web";

    [Fact]
    public async Task Identity_IsShownMintedCheckedRotatedAndDenied()
    {
        await using var system = await LocalSystem.StartAsync();
        var directory = Path.Combine(system.State, "minted");
        (await system.RunAsync("identity", "mint", Web, "--write", directory)).MustSucceed();
        (await system.RunAsync("identity", "check", Path.Combine(directory, "svid.pem"), "--bundle", Path.Combine(directory, "bundle.pem"))).MustSucceed();
        var token = (await system.RunAsync("identity", "mint", Web, "--audience", "reports")).MustSucceed().Output.Trim();
        Assert.Contains("NoBundle", (await system.RunAsync("identity", "check", token)).Must(1).Output, StringComparison.Ordinal);

        using var watch = system.Start("identity", "watch", "-o", "json");
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var line = watch.StandardOutput.ReadLineAsync(patience.Token).AsTask();
            while (!line.IsCompleted)
            {
                (await system.RunAsync("identity", "rotate")).MustSucceed(); // until the watcher stands
            }

            Assert.NotNull(JsonNode.Parse((await line)!)!["kind"]);
        }
        finally
        {
            watch.Kill();
            await watch.WaitForExitAsync();
        }

        var report = await system.JsonAsync("identity", "show");
        Assert.Contains(report["identities"]!.AsArray(), i => (string)i!["id"]! == "spiffe://castellan.local/ns/castellan-system/sa/gateway");
        Assert.True((long)report["sequence"]! >= 2);
        (await system.RunAsync("identity", "deny", Web)).MustSucceed();
        Assert.Contains("denied", (await system.RunAsync("identity", "mint", Web)).Must(1).Errors, StringComparison.Ordinal);
        (await system.RunAsync("identity", "allow", Web)).MustSucceed();
        Assert.DoesNotContain("\"MIG", await File.ReadAllTextAsync(Path.Combine(system.State, "spiffe", "authority-castellan.local.json")), StringComparison.Ordinal); // PKCS#8 in base64
    }
}
