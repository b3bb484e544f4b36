using System.Text.Json;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Models.OpenAI;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.Models.Tests.OpenAI;

public sealed class OpenAIChatClientTests
{
    private static readonly AIFunctionDeclaration Tool = AIFunctionFactory.CreateDeclaration("cluster__list", "Lists.", JsonElement.Parse("""{"type":"object","properties":{"kind":{"type":"string"}}}"""));

    [Fact]
    public async Task Answer_WhenConversationHasToolCalls_SpeaksChatCompletions()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        server.Answer("""{"role":"assistant","content":"Looking.","tool_calls":[{"id":"t9","type":"function","function":{"name":"cluster__list","arguments":"{\"kind\":\"pods\",\"limit\":2}"}}]}""", "tool_calls");
        using var models = Models(ct => ValueTask.FromResult<string?>("sk-1"));
        using var client = models.Create(Config(server.Url, ModelProvider.OpenAICompatible, key: true));
        ChatMessage[] conversation =
        [
            new(ChatRole.System, "Be brief."), new(ChatRole.User, "why?"),
            new(ChatRole.Assistant, [new TextContent("Hm."), new FunctionCallContent("t1", "cluster__list", new Dictionary<string, object?> { ["kind"] = "pods" })]),
            new(ChatRole.Tool, [new FunctionResultContent("t1", JsonElement.Parse("""{"text":"2 pods","data":{"items":[1,2]}}"""))]),
            new(ChatRole.Tool, [new FunctionResultContent("t2", JsonElement.Parse("""{"text":"denied","isError":true}"""))]),
        ];

        var response = await client.GetResponseAsync(conversation, new ChatOptions { Tools = [Tool] });

        var request = Assert.Single(server.Requests);
        Assert.Equal("Bearer sk-1", Assert.Single(server.Keys));
        Assert.Equal("m-1", (string?)request["model"]);
        Assert.Equal(["system", "user", "assistant", "tool", "tool"], request["messages"]!.AsArray().Select(m => (string)m!["role"]!));
        Assert.Equal("""{"kind":"pods"}""", (string?)request["messages"]![2]!["tool_calls"]![0]!["function"]!["arguments"]);
        Assert.Contains("2 pods", request["messages"]![3]!.ToJsonString());
        Assert.DoesNotContain("items", request["messages"]![3]!.ToJsonString());
        Assert.Contains("The call failed: denied", request["messages"]![4]!.ToJsonString());
        Assert.Equal("cluster__list", (string?)request["tools"]![0]!["function"]!["name"]);
        Assert.Equal(100, (int?)request["max_tokens"]);
        Assert.Equal(0.5, (double?)request["temperature"]);
        var call = Assert.Single(response.Messages[0].Contents.OfType<FunctionCallContent>());
        Assert.Equal(("t9", "cluster__list"), (call.CallId, call.Name));
        Assert.Equal("pods", call.Arguments!["kind"]!.ToString());
        Assert.Equal("Looking.", response.Text);
        Assert.Equal((11, 5, 16, 3), (response.Usage!.InputTokenCount, response.Usage.OutputTokenCount, response.Usage.TotalTokenCount, response.Usage.CachedInputTokenCount));
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
    }

    [Fact]
    public async Task Answer_WhenKeyRotates_UsesTheNewOne()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        var keys = new Queue<string>(["one", "two"]);
        using var models = Models(_ => ValueTask.FromResult<string?>(keys.Dequeue()));
        using var client = models.Create(Config(server.Url, key: true));
        server.Answer("""{"role":"assistant","content":"a"}""");
        server.Answer("""{"role":"assistant","content":"b"}""");

        await client.GetResponseAsync("x");
        await client.GetResponseAsync("y");

        Assert.Equal(["Bearer one", "Bearer two"], server.Keys);
    }

    [Fact]
    public async Task Answer_WhenSecretIsMissing_RefusesWithoutAsking()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        using var models = Models(_ => ValueTask.FromResult<string?>(null));
        using var client = models.Create(Config(server.Url, key: true));

        var error = await Assert.ThrowsAsync<ModelRefusedException>(() => client.GetResponseAsync("x"));

        Assert.Contains("Secret 'shop/keys' has no key 'openai'", error.Message);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(401, """{"error":{"message":"bad key"}}""", "bad key")]
    [InlineData(404, """{"error":"model not found"}""", "model not found")]
    [InlineData(400, "<html>", "answered 400")]
    public async Task Answer_WhenProviderRefuses_IsNotRetried(int status, string body, string said)
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        server.Fail(status, body);
        using var models = Models();
        using var client = models.Create(Config(server.Url));

        var error = await Assert.ThrowsAsync<ModelRefusedException>(() => client.GetResponseAsync("x"));

        Assert.False(error.Retryable);
        Assert.Equal(status, error.Status);
        Assert.Contains(said, error.Message);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Answer_WhenProviderIsBusyOnce_IsRetried()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        server.Fail(429, retryAfter: "0");
        server.Fail(503, retryAfter: "0");
        server.Answer("""{"role":"assistant","content":"there"}""");
        using var models = Models();
        using var client = models.Create(Config(server.Url));

        Assert.Equal("there", (await client.GetResponseAsync("x")).Text);
    }

    [Fact]
    public async Task Answer_WhenProviderAsksToWaitLong_TellsTheCaller()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        server.Fail(429, retryAfter: "120");
        using var models = Models();
        using var client = models.Create(Config(server.Url));

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => client.GetResponseAsync("x"));

        Assert.Equal(TimeSpan.FromSeconds(120), error.RetryAfter);
        Assert.True(error.Retryable);
    }

    [Fact]
    public async Task Answer_WhenArgumentsAreNoJson_IsRetriedThenFails()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        for (var i = 0; i < 3; i++) server.Answer("""{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{oops"}}]}""");
        using var http = new HttpClient();
        using var client = new OpenAIChatClient(new OpenAIModel { Name = "m", BaseUrl = new Uri(server.Url), LongestWait = TimeSpan.FromSeconds(0.6), Attempts = 2 }, http, null, TimeProvider.System, NullLogger.Instance);

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => client.GetResponseAsync("x"));

        Assert.Contains("called 'f' with arguments that are no JSON object", error.Message);
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData("<html>hello</html>")]
    [InlineData("""{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[]}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Answer_WhenItIsNoChatCompletion_SaysSoAndDoesNotRepeatIt(string body)
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        for (var i = 0; i < 3; i++) server.Fail(200, body);
        using var models = Models(_ => ValueTask.FromResult<string?>("sk-1"));
        using var client = models.Create(Config(server.Url, key: true));

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => client.GetResponseAsync("x"));

        Assert.Contains("does not speak chat completions", error.Message);
        Assert.DoesNotContain("hello", error.Message);
    }

    [Fact]
    public async Task Answer_WhenProviderRepeatsTheKey_KeepsItOutOfTheMessage()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        server.Fail(401, """{"error":{"message":"no such key: sk-very-secret"}}""");
        using var models = Models(_ => ValueTask.FromResult<string?>("sk-very-secret"));
        using var client = models.Create(Config(server.Url, key: true));

        var error = await Assert.ThrowsAsync<ModelRefusedException>(() => client.GetResponseAsync("x"));

        Assert.Contains("no such key: ***", error.Message);
        Assert.DoesNotContain("sk-very-secret", error.Message);
    }

    [Fact]
    public async Task Answer_WhenProviderHangs_TimesOutAsUnavailable()
    {
        await using var server = await ChatCompletionsServer.StartAsync();
        server.Hang();
        using var http = new HttpClient();
        using var client = new OpenAIChatClient(new OpenAIModel { Name = "m", BaseUrl = new Uri(server.Url), AttemptTimeout = TimeSpan.FromMilliseconds(200), Attempts = 1 }, http, null, TimeProvider.System, NullLogger.Instance);

        var error = await Assert.ThrowsAsync<ModelUnavailableException>(() => client.GetResponseAsync("x"));

        Assert.Contains("did not answer within", error.Message);
    }

    [Fact]
    public async Task Answer_WhenNobodyListens_IsUnavailable()
    {
        using var http = new HttpClient();
        using var client = new OpenAIChatClient(new OpenAIModel { Name = "m", BaseUrl = new Uri("http://127.0.0.1:9/v1"), Attempts = 1 }, http, null, TimeProvider.System, NullLogger.Instance);

        await Assert.ThrowsAsync<ModelUnavailableException>(() => client.GetResponseAsync("x"));
    }

    [Theory]
    [InlineData("short_name-1", "short_name-1")]
    [InlineData("a.b/c", "a_b_c_")]
    public void ToolNames_WhenSent_FitChatCompletionsAndComeBack(string name, string begins)
    {
        var wire = ToolNames.ToWire(name);
        var names = new ToolNames([AIFunctionFactory.CreateDeclaration(name, null, JsonElement.Parse("{}"))]);

        Assert.StartsWith(begins, wire);
        Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", wire);
        Assert.Equal(name, names.FromWire(wire));
        Assert.NotEqual(ToolNames.ToWire(new string('x', 70) + "a"), ToolNames.ToWire(new string('x', 70) + "b"));
    }

    [Fact]
    public void FaultsOf_WhenConfigurationIsWrong_NamesFields()
    {
        Assert.Contains("spec.runbook is missing", Assert.Single(ModelClients.FaultsOf(new() { Provider = ModelProvider.Runbook, Model = "x" })));
        Assert.Contains("baseUrl", Assert.Single(ModelClients.FaultsOf(new() { Provider = ModelProvider.OpenAICompatible, Model = "x" })));
        Assert.Contains("spec.apiKey is missing", Assert.Single(ModelClients.FaultsOf(new() { Provider = ModelProvider.OpenAI, Model = "x" })));
        Assert.Empty(ModelClients.FaultsOf(new() { Provider = ModelProvider.Ollama, Model = "llama" }));
    }

    private static ModelClients Models(Func<CancellationToken, ValueTask<string?>>? key = null) =>
        new((_, _, ct) => key?.Invoke(ct) ?? ValueTask.FromResult<string?>(null), TimeProvider.System, NullLoggerFactory.Instance);

    private static ModelConfig Config(string url, ModelProvider provider = ModelProvider.OpenAICompatible, bool key = false) => new()
    {
        Metadata = new() { Name = "m", Namespace = "shop" },
        Spec = new()
        {
            Provider = provider, Model = "m-1", BaseUrl = url, ApiKey = key ? new() { Name = "keys", Key = "openai" } : null,
            Parameters = new() { Temperature = 0.5, MaxOutputTokens = 100 },
        },
    };
}
