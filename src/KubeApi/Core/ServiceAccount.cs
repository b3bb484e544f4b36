namespace Castellan.KubeApi.Core;

/// <summary>An identity for pods.</summary>
[KubeResource("", "v1", "ServiceAccount", "serviceaccounts")]
public sealed class ServiceAccount : KubeObject
{
    /// <summary>False keeps API tokens out of its pods.</summary>
    public bool? AutomountServiceAccountToken { get; set; }

    /// <summary>Secrets its pods may use.</summary>
    public IList<ObjectReference>? Secrets { get; set; }
}
