using System.Text.Json;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Dapr;

/// <summary>The daprd of one app of ours: what its pod's annotations say, what its process must know, and what Dapr must find in the namespace. Pure.</summary>
/// <param name="AppId">Dapr's name for the app; its task hub and the keys of its histories carry it.</param>
/// <param name="Annotations">For the pod: the injector adds daprd because of them.</param>
/// <param name="Environment">For the container that is the worker.</param>
/// <param name="Objects">Store, limits and access of this daprd alone, applied before its pod.</param>
internal sealed record DaprSidecar(
    string AppId, IReadOnlyDictionary<string, string> Annotations, IReadOnlyList<EnvVar> Environment, IReadOnlyList<KubeObject> Objects)
{
    // What a run pins and what its calls return travels through daprd: as much as the gateway takes in one request.
    private const string LongestMessage = "16Mi";

    /// <param name="meta">Makes the metadata of each object; all have one name.</param>
    /// <param name="appId">Dapr's name for the app.</param>
    /// <param name="orchestration">The one orchestration that this app starts.</param>
    /// <param name="settings">The Secrets of the installation.</param>
    public static DaprSidecar Of(Func<ObjectMeta> meta, string appId, string orchestration, DaprSettings settings) => new(
        appId,
        new Dictionary<string, string>
        {
            ["dapr.io/enabled"] = "true",
            ["dapr.io/app-id"] = appId,
            ["dapr.io/config"] = meta().Name!,
            ["dapr.io/api-token-secret"] = settings.ApiTokenSecret,
            ["dapr.io/disable-builtin-k8s-secret-store"] = "true", // the pod has no API token; Dapr's operator reads the store's Secret
            ["dapr.io/max-body-size"] = LongestMessage,
        },
        [
            HardenedPod.Variable(WorkflowSettings.BackendVariable, nameof(WorkflowBackend.Dapr)),
            new EnvVar
            {
                Name = "DAPR_API_TOKEN",
                ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = settings.ApiTokenSecret, Key = DaprSettings.ApiTokenKey } },
            },
        ],
        [Store(meta(), appId, settings), Limits(meta()), .. settings.AccessPolicies ? [Access(meta(), appId, orchestration)] : (KubeObject[])[]]);

    // A daprd takes one actor state store, so this one is scoped: whatever else runs in the namespace keeps its own.
    private static DaprComponent Store(ObjectMeta meta, string appId, DaprSettings settings) => new()
    {
        Metadata = meta,
        Spec = new DaprComponentSpec
        {
            Type = "state.postgresql",
            Version = "v2",
            Metadata =
            [
                new DaprMetadataItem { Name = "connectionString", SecretKeyRef = new KeySelector { Name = settings.StateStoreSecret, Key = DaprSettings.StateStoreKey } },
                new DaprMetadataItem { Name = "actorStateStore", Value = JsonSerializer.SerializeToElement("true") },
            ],
        },
        Scopes = [appId],
    };

    // An allowed list shuts out all that is not on it, protocol by protocol: state, secrets, invocation, pub/sub and the rest. Reading what daprd is stays.
    private static DaprConfiguration Limits(ObjectMeta meta) => new()
    {
        Metadata = meta,
        Spec = new DaprConfigurationSpec
        {
            Api = new DaprApiRules
            {
                Allowed =
                [
                    new DaprApiRule { Name = "metadata", Version = "v1.0", Protocol = "http" },
                    new DaprApiRule { Name = "metadata", Version = "v1", Protocol = "grpc" },
                ],
            },
            AccessControl = new DaprAccessControl { DefaultAction = "deny" },
        },
    };

    // An app may always call itself; a policy with no other caller keeps all others out, and activities with them.
    private static WorkflowAccessPolicy Access(ObjectMeta meta, string appId, string orchestration) => new()
    {
        Metadata = meta,
        Scopes = [appId],
        Spec = new WorkflowAccessSpec
        {
            Rules = [new WorkflowAccessRule { Callers = [new WorkflowCaller { AppId = appId }], Workflows = [new WorkflowOperations { Name = orchestration, Operations = ["schedule"] }] }],
        },
    };
}
