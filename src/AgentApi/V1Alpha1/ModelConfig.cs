using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>A model and how to reach it. Its credentials stay with the gateway.</summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "ModelConfig", "modelconfigs")]
[ShortNames("mc")]
[PrinterColumn("Provider", "string", ".spec.provider")]
[PrinterColumn("Model", "string", ".spec.model")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class ModelConfig : KubeObject
{
    /// <summary>The model and how to reach it.</summary>
    public required ModelConfigSpec Spec { get; set; }

    /// <summary>What the controller observed.</summary>
    public ModelConfigStatus? Status { get; set; }
}

/// <summary>A model and how to reach it.</summary>
public sealed class ModelConfigSpec
{
    /// <summary>Who answers.</summary>
    public required ModelProvider Provider { get; set; }

    /// <summary>The provider's name of the model; for <see cref="ModelProvider.Runbook"/> a name of your own.</summary>
    [MinLength(1), MaxLength(253)]
    public required string Model { get; set; }

    /// <summary>
    /// Base URL of the API, up to and without <c>/chat/completions</c>. Required for <see cref="ModelProvider.OpenAICompatible"/>;
    /// default for Ollama <c>http://127.0.0.1:11434/v1</c>.
    /// </summary>
    [RegularExpression("^https?://")]
    public string? BaseUrl { get; set; }

    /// <summary>The Secret that holds the API key, in this namespace. Required for <see cref="ModelProvider.OpenAI"/>; not for a runbook.</summary>
    public SecretKeyReference? ApiKey { get; set; }

    /// <summary>
    /// Where the model runs and what it is sent stays, in the provider's words, for example <c>eu-central-1</c>. Rules of policies see it as
    /// <c>model.region</c>; what is written here is believed.
    /// </summary>
    [RegularExpression("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"), MaxLength(63)]
    public string? Region { get; set; }

    /// <summary>Sampling parameters.</summary>
    public ModelParameters? Parameters { get; set; }

    /// <summary>What its tokens cost. A runbook costs nothing; of any other model a budget that limits cost must know the price.</summary>
    public ModelPrice? Price { get; set; }

    /// <summary>The procedure, for <see cref="ModelProvider.Runbook"/> and only there.</summary>
    public Runbook? Runbook { get; set; }
}

/// <summary>Who answers a model call.</summary>
public enum ModelProvider
{
    /// <summary>OpenAI's API.</summary>
    OpenAI,

    /// <summary>Any server that speaks OpenAI's chat completions: vLLM, LM Studio, LiteLLM and others.</summary>
    OpenAICompatible,

    /// <summary>A local Ollama, through its OpenAI-compatible endpoint.</summary>
    Ollama,

    /// <summary>A declared procedure instead of a language model: deterministic, free, auditable.</summary>
    Runbook,
}

/// <summary>One key of a Secret in the same namespace.</summary>
public sealed class SecretKeyReference
{
    /// <summary>Name of the Secret.</summary>
    [MinLength(1), MaxLength(253)]
    public required string Name { get; set; }

    /// <summary>Key within the Secret.</summary>
    [MinLength(1), MaxLength(253)]
    public required string Key { get; set; }
}

/// <summary>Sampling parameters; absent ones are left to the provider.</summary>
public sealed class ModelParameters
{
    /// <summary>0 to 2.</summary>
    [Range(0.0, 2.0)]
    public double? Temperature { get; set; }

    /// <summary>Most tokens in one answer.</summary>
    [Range(1, 1_000_000)]
    public int? MaxOutputTokens { get; set; }
}

/// <summary>Prices of a million tokens, in the currency of all prices and budgets of the installation: decimal numbers such as <c>"2.50"</c>.</summary>
public sealed class ModelPrice
{
    private const string Amount = "^[0-9]{1,6}(\\.[0-9]{1,6})?$";

    /// <summary>Of a million tokens that the model reads.</summary>
    [RegularExpression(Amount)]
    public required string InputPerMillion { get; set; }

    /// <summary>Of a million of those that the provider had in its cache; absent: the same as the others.</summary>
    [RegularExpression(Amount)]
    public string? CachedInputPerMillion { get; set; }

    /// <summary>Of a million tokens that the model writes.</summary>
    [RegularExpression(Amount)]
    public required string OutputPerMillion { get; set; }
}

/// <summary>What the controller observed of a model.</summary>
public sealed class ModelConfigStatus
{
    /// <summary>Generation of the spec that this status describes.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary><c>Ready</c>: the spec is complete, its Secret exists, its runbook compiles.</summary>
    [ListKey(nameof(Condition.Type))]
    public IList<Condition>? Conditions { get; set; }
}
