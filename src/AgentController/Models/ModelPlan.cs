using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;

namespace Castellan.AgentController.Models;

/// <summary>Whether a model can be called: decided from an observation alone.</summary>
/// <param name="Ready">What to say about it.</param>
/// <param name="LooksAgain">True if something that no watch tells of may change this: a Secret.</param>
internal sealed record ModelPlan(Verdict Ready, bool LooksAgain)
{
    public static ModelPlan From(ModelObservation seen)
    {
        var spec = seen.Model.Spec;
        var fault = Completeness(spec) ?? KeyFault(seen) ?? RunbookFault(seen);
        return new ModelPlan(fault ?? Verdict.Yes("Ready", "the spec is complete"), seen.Key != ApiKeyState.NotNamed);
    }

    private static Verdict? Completeness(ModelConfigSpec spec) => spec switch
    {
        { Provider: ModelProvider.Runbook, Runbook: null } => Incomplete("spec.runbook is missing; provider Runbook answers with the procedures written there"),
        { Provider: ModelProvider.Runbook, ApiKey: not null } => Incomplete("spec.apiKey is set, but a runbook calls no provider; remove it"),
        { Provider: ModelProvider.Runbook, BaseUrl: not null } => Incomplete("spec.baseUrl is set, but a runbook calls no provider; remove it"),
        { Provider: ModelProvider.Runbook } => null,
        { Runbook: not null } => Incomplete($"spec.runbook is set, but the provider is {spec.Provider}; set provider Runbook or remove it"),
        { Provider: ModelProvider.OpenAI, ApiKey: null } => Incomplete("spec.apiKey is missing; provider OpenAI needs a Secret with an API key"),
        { Provider: ModelProvider.OpenAICompatible, BaseUrl: null } => Incomplete("spec.baseUrl is missing; provider OpenAICompatible needs the URL of its API"),
        { BaseUrl: { } url } => UrlFault(url, spec.ApiKey is not null),
        _ => null,
    };

    private static Verdict? UrlFault(string text, bool hasKey)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return Incomplete($"spec.baseUrl is '{text}', which is no URL; write for example https://models.example/v1");
        }
        if (url.UserInfo.Length > 0)
        {
            return Incomplete("spec.baseUrl holds credentials; put the key into a Secret and name it in spec.apiKey");
        }
        return hasKey && url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback
            ? Incomplete($"spec.baseUrl is '{text}', over which the API key would travel in the clear; use https, or an address on this machine")
            : null;
    }

    private static Verdict? KeyFault(ModelObservation seen)
    {
        var (secret, key) = (seen.Model.Spec.ApiKey?.Name, seen.Model.Spec.ApiKey?.Key);
        return seen.Key switch
        {
            ApiKeyState.SecretMissing => Verdict.No("SecretNotFound", $"no Secret '{secret}' in namespace {seen.Model.Metadata.Namespace}; create it or correct spec.apiKey.name"),
            ApiKeyState.KeyMissing => Verdict.No("SecretKeyNotFound", $"Secret '{secret}' has nothing under '{key}'; add it or correct spec.apiKey.key"),
            ApiKeyState.Forbidden => Verdict.No("SecretForbidden", $"the controller may not read Secret '{secret}' in namespace {seen.Model.Metadata.Namespace}; allow it 'get' on secrets there"),
            _ => null,
        };
    }

    private static Verdict? RunbookFault(ModelObservation seen) => seen.RunbookFaults.Count == 0 ? null : Verdict.No(
        "RunbookInvalid",
        string.Join("; ", seen.RunbookFaults.Take(5).Select(f => $"spec.runbook.{f}")) + (seen.RunbookFaults.Count > 5 ? $"; and {seen.RunbookFaults.Count - 5} more" : ""));

    private static Verdict Incomplete(string message) => Verdict.No("SpecInvalid", message);
}
