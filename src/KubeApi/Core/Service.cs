namespace Castellan.KubeApi.Core;

/// <summary>A stable address in front of pods.</summary>
[KubeResource("", "v1", "Service", "services")]
public sealed class Service : KubeObject
{
    /// <summary>What it leads to.</summary>
    public ServiceSpec Spec { get; set; } = new();

    /// <summary>What was observed.</summary>
    public ServiceStatus? Status { get; set; }
}

/// <summary>What a Service leads to.</summary>
public sealed class ServiceSpec : KubeFields
{
    /// <summary><c>ClusterIP</c> (default), <c>NodePort</c>, <c>LoadBalancer</c> or <c>ExternalName</c>.</summary>
    public string? Type { get; set; }

    /// <summary>Its address; set by the server; <c>None</c> makes it headless.</summary>
    public string? ClusterIP { get; set; }

    /// <summary>All its addresses.</summary>
    public IList<string>? ClusterIPs { get; set; }

    /// <summary>Labels of the pods behind it.</summary>
    public IDictionary<string, string>? Selector { get; set; }

    /// <summary>Its ports.</summary>
    public IList<ServicePort>? Ports { get; set; }

    /// <summary>True sends traffic to pods that are not ready.</summary>
    public bool? PublishNotReadyAddresses { get; set; }

    /// <summary><c>None</c> or <c>ClientIP</c>.</summary>
    public string? SessionAffinity { get; set; }
}

/// <summary>One port of a Service.</summary>
public sealed class ServicePort : KubeFields
{
    /// <summary>Name, required when there are several.</summary>
    public string? Name { get; set; }

    /// <summary><c>TCP</c> (default), <c>UDP</c> or <c>SCTP</c>.</summary>
    public string? Protocol { get; set; }

    /// <summary>The Service's port.</summary>
    public int Port { get; set; }

    /// <summary>Number or name of the pods' port; the same number when absent.</summary>
    public IntOrString? TargetPort { get; set; }

    /// <summary>Port on every node.</summary>
    public int? NodePort { get; set; }

    /// <summary>What is spoken on it.</summary>
    public string? AppProtocol { get; set; }
}

/// <summary>What was observed of a Service.</summary>
public sealed class ServiceStatus : KubeFields
{
    /// <summary>Facts.</summary>
    public IList<Condition>? Conditions { get; set; }
}
