using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>Tools of the multi-round-trip scenarios (SEP-2322).</summary>
internal static class RoundTools
{
    private const string Capital = "What is the capital of France?";
    private const string Name = "What is your name?";

    public static IEnumerable<McpServerTool> All =>
    [
        Round("elicitation", call => Asked.Field(call, "user_name", "name") is { } name ? $"Hello, {name}!" : throw Asked.For("user_name", Asked.Form(Name, "name"))),
        Round("sampling", call => Asked.Has(call, "capital_question") ? "sampled" : throw Asked.For("capital_question", Asked.Sample(Capital))),
        Round("list_roots", call => Asked.Has(call, "client_roots") ? "roots" : throw Asked.For("client_roots", Asked.Roots())),
        Round("request_state", call => Asked.Has(call, "confirm") && SignedState.Read(call.RequestState) == "asked" ? "state-ok" : throw Confirm("asked")),
        Round("multiple_inputs", call => Asked.Has(call, "user_name", "greeting", "client_roots") && SignedState.Read(call.RequestState) == "asked"
            ? "all inputs"
            : throw Asked.For(new() { ["user_name"] = Asked.Form(Name, "name"), ["greeting"] = Asked.Sample("Write a greeting"), ["client_roots"] = Asked.Roots() }, SignedState.Of("asked"))),
        Round("multi_round", call => call.RequestState is null ? throw Asked.For("step1", Asked.Form($"Step 1: {Name}", "name"), SignedState.Of("first"))
            : SignedState.Read(call.RequestState) == "first" ? throw Asked.For("step2", Asked.Form("Step 2: What is your favorite color?", "color"), SignedState.Of("second"))
            : "complete"),
        Round("tampered_state", call => call.RequestState is null ? throw Confirm("sealed") : $"{SignedState.Read(call.RequestState)} integrity-ok"),
        FixtureTool.Of("test_input_required_result_capabilities", AskWhatTheClientCan),
    ];

    private static McpServerTool Round(string name, Func<CallToolRequestParams, string> body) =>
        FixtureTool.Of($"test_input_required_result_{name}", (RequestContext<CallToolRequestParams> request) => body(request.Params!));

    private static Exception Confirm(string state) => Asked.For("confirm", Asked.Form("Please confirm", "ok", new ElicitRequestParams.BooleanSchema()), SignedState.Of(state));

    private static string AskWhatTheClientCan(RequestContext<CallToolRequestParams> request)
    {
        var can = request.Server.ClientCapabilities;
        var questions = new Dictionary<string, InputRequest>();
        if (can?.Sampling is not null)
        {
            questions["capital_question"] = Asked.Sample(Capital);
        }

        if (can?.Elicitation is not null)
        {
            questions["user_name"] = Asked.Form(Name, "name");
        }

        if (can?.Roots is not null)
        {
            questions["client_roots"] = Asked.Roots();
        }

        return questions.Count == 0 || request.Params!.InputResponses is { Count: > 0 } ? "capability-check-ok" : throw Asked.For(questions);
    }
}
