namespace Castellan.EndToEnd.Tests;

/// <summary>Bad input gets a message that names object, field and remedy, and loses nothing.</summary>
public sealed class BadInputTests : IAsyncLifetime
{
    private LocalSystem _system = null!;

    public async Task InitializeAsync() => _system = await LocalSystem.StartAsync();

    public async Task DisposeAsync() => await _system.DisposeAsync();

    [Fact]
    public async Task Apply_WhenManifestIsWrong_NamesObjectFieldAndRemedy()
    {
        await AssertRefusedAsync("apiVersion: castellan.dev/v1alpha1\nkind: Agent\nmetadata: {name: a}\nspec: {instructions: x, model: {name: m}, colour: red}", "agent/a", "spec.colour");
        await AssertRefusedAsync("apiVersion: castellan.dev/v1alpha1\nkind: Agent\nmetadata: {name: a}\nspec: {instructions: 5, model: {name: m}}", "agent/a", "spec.instructions");
        await AssertRefusedAsync("apiVersion: castellan.dev/v1alpha1\nkind: Agent\nmetadata: {name: a}\nspec: {model: {name: m}}", "agent/a", "spec.instructions");
        await AssertRefusedAsync("apiVersion: castellan.dev/v1alpha1\nkind: ToolServer\nmetadata: {name: t}\nspec: {}", "toolserver/t", "spec");
        await AssertRefusedAsync("apiVersion: castellan.dev/v2\nkind: Agent\nmetadata: {name: a}", "no kind Agent in castellan.dev/v2");
        await AssertRefusedAsync("apiVersion: [", "line");
    }

    [Fact]
    public async Task Agent_WhenItsModelOrToolServerIsMissing_SaysSoAndRecoversWhenItAppears()
    {
        await ApplyAsync("apiVersion: castellan.dev/v1alpha1\nkind: Agent\nmetadata: {name: lonely}\nspec: {instructions: x, model: {name: missing}}");
        var waited = await _system.RunAsync("apply", "-f", Write("apiVersion: castellan.dev/v1alpha1\nkind: Agent\nmetadata: {name: lonely}\nspec: {instructions: x, model: {name: missing}}"), "--wait", "--timeout", "3");
        Assert.Contains("ModelNotFound", waited.Errors, StringComparison.Ordinal);
        Assert.Contains("missing", waited.Errors, StringComparison.Ordinal);

        await ApplyAsync("apiVersion: castellan.dev/v1alpha1\nkind: ModelConfig\nmetadata: {name: missing}\nspec: {provider: Ollama, model: qwen3}");
        (await _system.RunAsync("apply", "-f", Write("apiVersion: castellan.dev/v1alpha1\nkind: Agent\nmetadata: {name: lonely}\nspec: {instructions: x, model: {name: missing}}"), "--wait")).MustSucceed();
    }

    [Fact]
    public async Task Up_WhenOneRunsAlreadyOrThePortIsTaken_SaysSo()
    {
        var second = (await _system.RunAsync("up", "-d")).Must(1);
        Assert.Contains("already runs", second.Errors, StringComparison.Ordinal);

        await using var other = LocalSystem.New();
        var port = new Uri((string)_system.Daemon["apiServer"]!).Port;
        var taken = (await other.RunAsync("up", "-d", "--api-port", $"{port}")).Must(1);
        Assert.Contains($"{port}", taken.Errors, StringComparison.Ordinal);
        Assert.Contains("--api-port", taken.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_WhenTheAgentDoesNotExist_SaysSo()
    {
        var answer = (await _system.RunAsync("chat", "nobody", "hello")).Must(1);
        Assert.Contains("nobody", answer.Errors, StringComparison.Ordinal);
    }

    private async Task ApplyAsync(string manifest) => (await _system.RunAsync("apply", "-f", Write(manifest))).MustSucceed();

    private async Task AssertRefusedAsync(string manifest, params string[] said)
    {
        var answer = (await _system.RunAsync("apply", "-f", Write(manifest))).Must(1);
        Assert.All(said, s => Assert.Contains(s, answer.Errors, StringComparison.Ordinal));
    }

    private string Write(string manifest)
    {
        var file = Path.Combine(_system.State, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(file, manifest);
        return file;
    }
}
