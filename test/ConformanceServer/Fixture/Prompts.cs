using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Castellan.ConformanceServer.Fixture;

/// <summary>The fixture's prompts.</summary>
internal static class Prompts
{
    public static IEnumerable<McpServerPrompt> All =>
    [
        Of("test_simple_prompt", () => "This is a simple prompt for testing."),
        Of("test_prompt_with_arguments", ([Description("First value.")] string arg1, [Description("Second value.")] string arg2) => $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'"),
        Of("test_prompt_with_embedded_resource", List<PromptMessage> (string resourceUri) =>
        [
            Say(ContentTools.Embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
            Say(new TextContentBlock { Text = "Please process the embedded resource above." }),
        ]),
        Of("test_prompt_with_image", List<PromptMessage> () =>
        [
            Say(ImageContentBlock.FromBytes(Samples.Png, "image/png")),
            Say(new TextContentBlock { Text = "Please analyze the image above." }),
        ]),
        Of("test_input_required_result_prompt", (RequestContext<GetPromptRequestParams> request) => Asked.Field(request.Params!, "user_context", "context") is { } context
            ? $"Context: {context}"
            : throw Asked.For("user_context", Asked.Form("What context should the prompt use?", "context"))),
    ];

    public static McpServerPrompt Of(string name, Delegate body) =>
        McpServerPrompt.Create(body, new McpServerPromptCreateOptions { Name = name, Description = $"Fixture {name} of the conformance suite." });

    private static PromptMessage Say(ContentBlock content) => new() { Role = Role.User, Content = content };
}
