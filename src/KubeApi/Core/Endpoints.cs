namespace Castellan.KubeApi.Core;

/// <summary>The addresses behind a Service.</summary>
[KubeResource("", "v1", "Endpoints", "endpoints")]
public sealed class Endpoints : KubeObject
{
    /// <summary>Addresses that share ports.</summary>
    public IList<EndpointSubset>? Subsets { get; set; }
}

/// <summary>Addresses that share ports.</summary>
public sealed class EndpointSubset : KubeFields
{
    /// <summary>Those that are ready.</summary>
    public IList<EndpointAddress>? Addresses { get; set; }

    /// <summary>Those that are not.</summary>
    public IList<EndpointAddress>? NotReadyAddresses { get; set; }

    /// <summary>Their ports.</summary>
    public IList<EndpointPort>? Ports { get; set; }
}

/// <summary>One address.</summary>
public sealed class EndpointAddress : KubeFields
{
    /// <summary>The address.</summary>
    public string Ip { get; set; } = "";

    /// <summary>Node of the pod.</summary>
    public string? NodeName { get; set; }

    /// <summary>Host name of the pod.</summary>
    public string? Hostname { get; set; }

    /// <summary>The pod.</summary>
    public ObjectReference? TargetRef { get; set; }
}

/// <summary>One port.</summary>
public sealed class EndpointPort : KubeFields
{
    /// <summary>Name of the Service's port.</summary>
    public string? Name { get; set; }

    /// <summary>Number of the pods' port.</summary>
    public int? Port { get; set; }

    /// <summary><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</summary>
    public string? Protocol { get; set; }

    /// <summary>What is spoken on it.</summary>
    public string? AppProtocol { get; set; }
}
