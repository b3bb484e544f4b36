using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.Models;

namespace Castellan.AgentController.Tests.Models;

public sealed class ModelPlanTests
{
    private static readonly SecretKeyReference Key = new() { Name = "keys", Key = "openai" };

    /// <summary>Each row: provider, URL, whether a key is named, whether there is a runbook; then the reason and a part of the message.</summary>
    public static TheoryData<ModelProvider, string?, bool, bool, string, string> Specs => new()
    {
        { ModelProvider.Runbook, null, false, true, "Ready", "" },
        { ModelProvider.Runbook, null, false, false, "SpecInvalid", "spec.runbook is missing" },
        { ModelProvider.Runbook, null, true, true, "SpecInvalid", "spec.apiKey is set" },
        { ModelProvider.Runbook, "https://a.test", false, true, "SpecInvalid", "spec.baseUrl is set" },
        { ModelProvider.OpenAI, null, true, false, "Ready", "" },
        { ModelProvider.OpenAI, null, false, false, "SpecInvalid", "spec.apiKey is missing" },
        { ModelProvider.OpenAI, null, true, true, "SpecInvalid", "spec.runbook is set, but the provider is OpenAI" },
        { ModelProvider.OpenAICompatible, "https://a.test/v1", true, false, "Ready", "" },
        { ModelProvider.OpenAICompatible, "http://a.test/v1", false, false, "Ready", "" },
        { ModelProvider.OpenAICompatible, "http://a.test/v1", true, false, "SpecInvalid", "in the clear" },
        { ModelProvider.OpenAICompatible, "http://127.0.0.1:8000/v1", true, false, "Ready", "" },
        { ModelProvider.OpenAICompatible, "https://me:secret@a.test", false, false, "SpecInvalid", "holds credentials" },
        { ModelProvider.OpenAICompatible, "https://", false, false, "SpecInvalid", "which is no URL" },
        { ModelProvider.OpenAICompatible, null, false, false, "SpecInvalid", "spec.baseUrl is missing" },
        { ModelProvider.Ollama, null, false, false, "Ready", "" },
    };

    [Theory, MemberData(nameof(Specs))]
    public void From_ForEachProvider_AsksForWhatItNeeds(ModelProvider provider, string? url, bool hasKey, bool hasRunbook, string reason, string message)
    {
        var model = Given.Model(with: s => (s.Provider, s.BaseUrl, s.ApiKey, s.Runbook) = (provider, url, hasKey ? Key : null, hasRunbook ? Given.Runbook() : null));
        var plan = ModelPlan.From(new ModelObservation(model, hasKey ? ApiKeyState.Present : ApiKeyState.NotNamed, []));
        Assert.Equal(reason, plan.Ready.Reason);
        Assert.Contains(message, plan.Ready.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret@", plan.Ready.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(ApiKeyState.SecretMissing), "SecretNotFound", "no Secret 'keys' in namespace default")]
    [InlineData(nameof(ApiKeyState.KeyMissing), "SecretKeyNotFound", "nothing under 'openai'")]
    [InlineData(nameof(ApiKeyState.Forbidden), "SecretForbidden", "allow it 'get' on secrets")]
    public void From_WhenTheKeyCannotBeHad_SaysWhyAndLooksAgain(string state, string reason, string message)
    {
        var model = Given.Model(with: s => (s.Provider, s.ApiKey, s.Runbook) = (ModelProvider.OpenAI, Key, null));
        var plan = ModelPlan.From(new ModelObservation(model, Enum.Parse<ApiKeyState>(state), []));
        Assert.Equal((reason, true), (plan.Ready.Reason, plan.LooksAgain));
        Assert.Contains(message, plan.Ready.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_WhenTheRunbookHasFaults_NamesThemAndTheirNumber()
    {
        var faults = Enumerable.Range(1, 7).Select(i => $"procedures[0].steps[{i}].when: bad").ToList();
        var plan = ModelPlan.From(new ModelObservation(Given.Model(), ApiKeyState.NotNamed, faults));
        Assert.Equal("RunbookInvalid", plan.Ready.Reason);
        Assert.StartsWith("spec.runbook.procedures[0].steps[1].when: bad; ", plan.Ready.Message, StringComparison.Ordinal);
        Assert.EndsWith("and 2 more", plan.Ready.Message, StringComparison.Ordinal);
    }
}
