using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.V1Alpha1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace Castellan.GatewayApi.Tests;

public sealed class GatewayClientTests
{
    [Fact]
    public async Task GetRun_WhenGatewaySendsProblem_ThrowsProblemWithRemedy()
    {
        await using var server = await GatewayServer.StartAsync(app => app.MapGet("/v1/runs/{id}", (string id) =>
            Results.Json(new GatewayProblem(404, "NotFound", $"run '{id}' does not exist", "list runs with 'castellan get runs'"),
                GatewayJson.Options, GatewayProblem.ContentType, 404)));
        var e = await Assert.ThrowsAsync<GatewayException>(() => server.Client.GetRunAsync("r 1", default));
        Assert.Equal((404, "run 'r 1' does not exist; list runs with 'castellan get runs'"), (e.Status, e.Message));
        Assert.False(e.IsTransient);
    }

    [Fact]
    public async Task GetRun_WhenAnswerIsNotAProblem_ThrowsWithTheStatus()
    {
        await using var server = await GatewayServer.StartAsync(app => app.MapGet("/v1/runs/{id}", () => Results.Unauthorized()));
        var e = await Assert.ThrowsAsync<GatewayException>(() => server.Client.GetRunAsync("r", default));
        Assert.Equal(401, e.Status);
        Assert.Contains("log in again", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetRun_WhenNobodyListens_ThrowsTransient()
    {
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:1") };
        var e = await Assert.ThrowsAsync<GatewayException>(() => new GatewayClient(http).GetRunAsync("r", default));
        Assert.True(e.IsTransient);
    }

    [Fact]
    public async Task RunEvents_WhenRunCompletes_EndsAfterRunCompleted()
    {
        await using var server = await GatewayServer.StartAsync(app => app.MapGet("/v1/runs/{id}/events", async (HttpContext context, long after) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(RunEventStream.Write(new RunEvent { Sequence = after + 1, Type = RunEventType.CallCompleted, Text = "a\nb", Effect = ToolEffect.Read }));
            await context.Response.Body.WriteAsync(RunEventStream.Write(new RunEvent { Sequence = after + 2, Type = RunEventType.RunCompleted }));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        }));
        var seen = new List<RunEvent>();
        await foreach (var item in server.Client.RunEventsAsync("r", 4, default))
        {
            seen.Add(item);
        }

        Assert.Equal([(5L, RunEventType.CallCompleted), (6L, RunEventType.RunCompleted)], seen.Select(e => (e.Sequence, e.Type)));
        Assert.Equal(("a\nb", ToolEffect.Read), (seen[0].Text, seen[0].Effect));
    }

    [Fact]
    public async Task ChatClient_WhenModelAsksForTool_KeepsFunctionCallContent()
    {
        CallRequest? received = null;
        await using var server = await GatewayServer.StartAsync(app => app.MapPost("/v1/runs/{id}/calls", async (HttpContext context) =>
        {
            received = await context.Request.ReadFromJsonAsync<CallRequest>(GatewayJson.Options);
            var answer = new ChatMessage(ChatRole.Assistant, [new TextContent("let me look"), new FunctionCallContent("c1", "cluster__get", new Dictionary<string, object?> { ["kind"] = "Pod" })]);
            return Results.Json(new CallResult { CallId = "x", State = CallState.Completed, Response = new ChatResponse(answer) { FinishReason = ChatFinishReason.ToolCalls } }, GatewayJson.Options);
        }));
        using var chat = new GatewayChatClient(server.Client, "run-1", () => 7);
        var tool = new ToolDescription("cluster__get", "Gets.", JsonDocument.Parse("""{"type":"object"}""").RootElement);
        var response = await chat.GetResponseAsync([new ChatMessage(ChatRole.User, "why?")], new ChatOptions { Tools = [tool.ToDeclaration()] });

        var call = Assert.IsType<FunctionCallContent>(response.Messages[0].Contents[1]);
        Assert.Equal(("cluster__get", "Pod"), (call.Name, call.Arguments!["kind"]!.ToString()));
        Assert.Equal((7L, CallKind.Model, "why?", "cluster__get"), (received!.Sequence, received.Kind, received.Model!.Messages[0].Text, received.Model.Tools![0].Name));
    }

    [Fact]
    public async Task ChatClient_WhenCallIsDenied_ThrowsWithTheReason()
    {
        await using var server = await GatewayServer.StartAsync(app => app.MapPost("/v1/runs/{id}/calls", () =>
            Results.Json(new CallResult { CallId = "x", State = CallState.Denied, Message = "no rule allows it" }, GatewayJson.Options)));
        using var chat = new GatewayChatClient(server.Client, "run-1", () => 1);
        var e = await Assert.ThrowsAsync<CallEndedException>(() => chat.GetResponseAsync([new ChatMessage(ChatRole.User, "x")]));
        Assert.Equal(("no rule allows it", CallState.Denied), (e.Message, e.Result.State));
    }

    [Fact]
    public void CallResult_WhenWrittenAndRead_IsCamelCaseWithEnumNames()
    {
        var json = JsonSerializer.Serialize(new CallResult { CallId = "x", State = CallState.AwaitingApproval, Effect = ToolEffect.Write }, GatewayJson.Options);
        var node = JsonNode.Parse(json)!.AsObject();
        Assert.Equal(("AwaitingApproval", "Write"), ((string?)node["state"], (string?)node["effect"]));
        Assert.False(node.ContainsKey("ended"));
        Assert.Equal(CallState.AwaitingApproval, JsonSerializer.Deserialize<CallResult>(json, GatewayJson.Options)!.State);
    }
}
