using Castellan.KubeApi;

namespace Castellan.AgentController.Dapr;

/// <summary>Which apps may schedule workflows and activities of others, Dapr 1.18 and later: what no rule allows is refused. Only the fields that we write.</summary>
/// <remarks>Source: Dapr reference, resource specs, WorkflowAccessPolicy.</remarks>
[KubeResource("dapr.io", "v1alpha1", "WorkflowAccessPolicy", "workflowaccesspolicies")]
internal sealed class WorkflowAccessPolicy : KubeObject
{
    /// <summary>The app ids that it protects.</summary>
    public IList<string> Scopes { get; set; } = [];

    public WorkflowAccessSpec Spec { get; set; } = new();
}

internal sealed class WorkflowAccessSpec : KubeFields
{
    public IList<WorkflowAccessRule> Rules { get; set; } = [];
}

internal sealed class WorkflowAccessRule : KubeFields
{
    public IList<WorkflowCaller> Callers { get; set; } = [];

    public IList<WorkflowOperations> Workflows { get; set; } = [];
}

internal sealed class WorkflowCaller : KubeFields
{
    [System.Text.Json.Serialization.JsonPropertyName("appID")]
    public string AppId { get; set; } = "";
}

internal sealed class WorkflowOperations : KubeFields
{
    public string Name { get; set; } = "";

    public IList<string> Operations { get; set; } = [];
}
