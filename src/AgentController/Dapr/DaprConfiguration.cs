using Castellan.KubeApi;

namespace Castellan.AgentController.Dapr;

/// <summary>What a daprd lets its app do, and others do to its app. Only the fields that we write.</summary>
/// <remarks>Source: Dapr reference, resource specs, Configuration.</remarks>
[KubeResource("dapr.io", "v1alpha1", "Configuration", "configurations")]
internal sealed class DaprConfiguration : KubeObject
{
    public DaprConfigurationSpec Spec { get; set; } = new();
}

internal sealed class DaprConfigurationSpec : KubeFields
{
    public DaprApiRules Api { get; set; } = new();

    public DaprAccessControl AccessControl { get; set; } = new();
}

/// <summary>The APIs that the app may call. Workflow workers use a service that these rules do not speak of; its gate is the API token.</summary>
internal sealed class DaprApiRules : KubeFields
{
    public IList<DaprApiRule> Allowed { get; set; } = [];
}

internal sealed class DaprApiRule : KubeFields
{
    public string Name { get; set; } = "";

    public string Version { get; set; } = "";

    public string Protocol { get; set; } = "";
}

/// <summary>Who may invoke the app.</summary>
internal sealed class DaprAccessControl : KubeFields
{
    public string DefaultAction { get; set; } = "";
}
