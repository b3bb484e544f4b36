using Castellan.AgentApi.V1Alpha1;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Resources;

namespace Castellan.Tests.Resources;

public sealed class ModelEndpointTests
{
    [Theory]
    [InlineData(ModelProvider.OpenAI, null, null)]
    [InlineData(ModelProvider.OpenAI, " ", null)]
    [InlineData(ModelProvider.OpenAI, "https://llm.example.com/v1/", "https://llm.example.com/v1")]
    [InlineData(ModelProvider.Ollama, null, null)]
    [InlineData(ModelProvider.Ollama, "box", "http://box:11434/v1")]
    [InlineData(ModelProvider.Ollama, "box:80", "http://box:80/v1")]
    [InlineData(ModelProvider.Ollama, "127.0.0.1:11434", "http://127.0.0.1:11434/v1")]
    [InlineData(ModelProvider.Ollama, "0.0.0.0", "http://127.0.0.1:11434/v1")]
    [InlineData(ModelProvider.Ollama, "0.0.0.0:8080", "http://127.0.0.1:8080/v1")]
    [InlineData(ModelProvider.Ollama, "https://ollama.example.com/", "https://ollama.example.com/v1")]
    public void Of_WhenTheVariableIsSet_IsWhereTheProvidersClientWouldLook(ModelProvider provider, string? value, string? expected) =>
        Assert.Equal(expected, ModelEndpoint.Of(provider, _ => value));

    [Theory]
    [InlineData(ModelProvider.OpenAI, "llm.example.com")]
    [InlineData(ModelProvider.OpenAI, "file:///etc/passwd")]
    [InlineData(ModelProvider.OpenAI, "https://user:secret@llm.example.com/v1")]
    [InlineData(ModelProvider.Ollama, "a b")]
    public void Of_WhenTheVariableIsNoAddress_SaysSoWithoutItsSecret(ModelProvider provider, string value)
    {
        var failure = Assert.Throws<CommandFailure>(() => ModelEndpoint.Of(provider, _ => value));
        Assert.Equal(ExitCode.Usage, failure.ExitCode);
        Assert.DoesNotContain("secret", failure.Message, StringComparison.Ordinal);
    }
}
