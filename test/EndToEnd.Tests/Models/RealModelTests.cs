using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Castellan.EndToEnd.Tests.Models;

/// <summary><c>up --model</c>: the same job with a model behind chat completions, and its key where it belongs.</summary>
public sealed class RealModelTests
{
    private readonly string _key = $"sk-test-{Guid.NewGuid():N}";

    [Fact]
    public async Task Demo_WhenGivenOpenAI_IsTheSameDemoAndTheKeyStaysWithTheGateway()
    {
        await using var model = await ChatCompletionsServer.StartAsync(TriageModel.Answer);
        await using var system = LocalSystem.New();
        OpenAI(system, model.Port);

        var demo = (await system.RunAsync("demo", "--model", "openai:test-model", "--keep")).MustSucceed();

        Assert.Contains("in place of its runbook", demo.Output, StringComparison.Ordinal);
        Assert.Matches("Pod checkout-[a-z0-9]+-[a-z0-9]+ logs: \"FATAL config: PAYMENTS_URL is not set", demo.Output);
        Assert.Contains("waits for approval", demo.Output, StringComparison.Ordinal);
        Assert.Contains("Done:", demo.Output, StringComparison.Ordinal);
        Assert.Matches(@"checkout-\S+\s+1/1\s+Running", demo.Output);
        Assert.Contains("unbroken", demo.Output, StringComparison.Ordinal);
        Assert.NotEmpty(model.Requests);
        Assert.All(model.Requests, r => Assert.Equal(($"Bearer {_key}", "test-model"), (r.Authorization, (string?)r.Body["model"])));
        await AssertKeyIsNowhereElseAsync(system);
    }

    [Fact]
    public async Task Ollama_WhenTheExampleRuns_DiagnosesAndFixesWithoutAKey()
    {
        await using var model = await ChatCompletionsServer.StartAsync(TriageModel.Answer);
        await using var system = LocalSystem.New();
        system.Environment["OLLAMA_HOST"] = $"127.0.0.1:{model.Port}";
        (await system.RunAsync("up", "-d", "--model", "ollama:qwen3", "--api-port", "0", "--gateway-port", "0")).MustSucceed();

        await DiagnoseAndFixAsync(system);

        Assert.NotEmpty(model.Requests);
        Assert.All(model.Requests, r => Assert.Equal(("", "qwen3"), (r.Authorization, (string?)r.Body["model"])));
    }

    [Fact]
    public async Task Chat_WhenTheProviderMisbehaves_SaysWhatIsWrongAndKeepsTheKey()
    {
        var model = await ChatCompletionsServer.StartAsync(TriageModel.Answer);
        await using var system = LocalSystem.New();
        try
        {
            OpenAI(system, model.Port);
            (await system.RunAsync("up", "-d", "--model", "openai:test-model", "--api-port", "0", "--gateway-port", "0")).MustSucceed();
            await system.ApplyTriageAsync();

            // A provider that repeats the key it was sent.
            model.Answer = (http, _) => RespondAsync(http, 401, $$$"""{"error":{"message":"Incorrect API key provided: {{{http.Request.Headers.Authorization}}}"}}""");
            var refused = await FailAsync(system);
            Assert.Contains("401", refused, StringComparison.Ordinal);
            Assert.Contains("spec.apiKey", refused, StringComparison.Ordinal);

            model.Answer = (http, _) => RespondAsync(http, 200, "<html>Welcome to the proxy</html>");
            Assert.Contains("does not speak chat completions", await FailAsync(system), StringComparison.Ordinal);

            model.Answer = (http, _) => RespondAsync(http, 200, """{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[]}""");
            Assert.Contains("does not speak chat completions", await FailAsync(system), StringComparison.Ordinal);

            // Told that there is no such tool, the model goes on.
            model.Answer = (http, request) => http.Response.WriteAsJsonAsync(
                request["messages"]!.AsArray().Any(m => (string)m!["role"]! == "tool" && m["content"]!.ToJsonString().Contains("There is no tool", StringComparison.Ordinal))
                    ? TriageModel.Completion(request, new JsonObject { ["role"] = "assistant", ["content"] = "I was told so." })
                    : TriageModel.Completion(request, TriageModel.Call([], "reboot_the_moon", [])));
            Assert.Contains("I was told so.", (await system.RunAsync("chat", "triage", "why?", "--new")).MustSucceed().Output, StringComparison.Ordinal);
        }
        finally
        {
            await model.DisposeAsync();
        }
        Assert.Contains("gave no answer", await FailAsync(system), StringComparison.Ordinal);
        await AssertKeyIsNowhereElseAsync(system);
    }

    [Theory]
    [InlineData("openai:gpt", null, null, 1, "OPENAI_API_KEY")]
    [InlineData("openai:gpt", "k", "ftp://x", 2, "OPENAI_BASE_URL")]
    [InlineData("openai:gpt", "k", "http://user:password@llm/v1", 2, "user name or password")]
    [InlineData("claude", null, null, 2, "ollama:NAME")]
    public async Task Up_WhenModelOrItsEnvironmentIsWrong_SaysSoAndStartsNothing(string model, string? key, string? url, int exitCode, string said)
    {
        await using var system = LocalSystem.New();
        system.Environment["OPENAI_API_KEY"] = key;
        system.Environment["OPENAI_BASE_URL"] = url;
        var answer = (await system.RunAsync("up", "-d", "--model", model, "--api-port", "0", "--gateway-port", "0")).Must(exitCode);
        Assert.Contains(said, answer.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("password@", answer.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(system.State, "daemon.json")));
    }

    private void OpenAI(LocalSystem system, int port)
    {
        system.Environment["OPENAI_API_KEY"] = _key;
        system.Environment["OPENAI_BASE_URL"] = $"http://127.0.0.1:{port}/v1";
    }

    private static async Task DiagnoseAndFixAsync(LocalSystem system)
    {
        var applied = (await system.RunAsync("apply", "-f", "examples/01-sre-triage", "--wait", "--timeout", "220")).MustSucceed();
        Assert.Contains("in place of its runbook", applied.Output, StringComparison.Ordinal);

        var diagnosis = (await system.RunAsync("chat", "triage", "why is checkout failing?")).MustSucceed();
        Assert.Matches("Pod checkout-[a-z0-9]+-[a-z0-9]+ logs: \"FATAL config: PAYMENTS_URL is not set", diagnosis.Output);

        (await system.RunAsync("chat", "triage", "fix it")).Must(4);
        var waiting = await system.PendingApprovalAsync();
        (await system.RunAsync("approve", (string)waiting["callId"]!, "--as", "approver")).MustSucceed();
        var fixedIt = (await system.RunAsync("runs", "follow", (string)waiting["runId"]!)).MustSucceed();
        Assert.Contains("Done:", fixedIt.Output, StringComparison.Ordinal);
        Assert.Contains("http://payments.shop.svc:8080", (await system.RunAsync("get", "deployment", "checkout", "-n", "shop", "-o", "yaml")).Output, StringComparison.Ordinal);
        (await system.RunAsync("audit", "verify")).MustSucceed();
    }

    private static async Task<string> FailAsync(LocalSystem system)
    {
        var failed = (await system.RunAsync("chat", "triage", "why is checkout failing?", "--new")).Must(1);
        var newest = (await system.JsonAsync("runs", "list"))[0]!;
        Assert.Equal("Failed", (string?)newest["state"]);
        return failed.Output + failed.Errors;
    }

    private static Task RespondAsync(HttpContext http, int status, string body)
    {
        (http.Response.StatusCode, http.Response.ContentType) = (status, "application/json");
        return http.Response.WriteAsync(body);
    }

    private async Task AssertKeyIsNowhereElseAsync(LocalSystem system)
    {
        var hunt = new SecretHunt(_key);
        Assert.All(hunt.InEnvironments(), pid => Assert.Equal(system.DaemonProcessId, pid));
        Assert.Empty(hunt.InArguments());

        // The store of the cluster holds the Secret; everything else is looked at, the files of the pods too.
        Assert.Empty(hunt.InFiles(system.State, file => file.StartsWith(Path.Combine(system.State, "cluster", "store"), StringComparison.Ordinal)));
        if (Directory.Exists("/run/castellan"))
        {
            Assert.Empty(hunt.InFiles("/run/castellan", _ => false));
        }

        Assert.False(hunt.In((await system.JsonAsync("audit", "list", "--limit", "1000")).ToJsonString()));
        foreach (var kind in (string[])["modelconfigs", "agents", "toolservers", "agentpolicies", "pods", "deployments", "replicasets", "configmaps", "events", "services", "serviceaccounts"])
        {
            var listed = await system.RunAsync("get", kind, "-A", "-o", "yaml");
            Assert.True(listed.ExitCode == 0 || listed.Errors.Contains("forbidden", StringComparison.OrdinalIgnoreCase), $"{listed}");
            Assert.False(hunt.In(listed.Output), kind);
        }
    }
}
