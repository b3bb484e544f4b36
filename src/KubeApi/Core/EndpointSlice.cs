namespace Castellan.KubeApi.Core;

/// <summary>A part of the addresses behind a Service.</summary>
[KubeResource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")]
public sealed class EndpointSlice : KubeObject
{
    /// <summary><c>IPv4</c>, <c>IPv6</c> or <c>FQDN</c>.</summary>
    public string AddressType { get; set; } = "IPv4";

    /// <summary>The addresses.</summary>
    public IList<SliceEndpoint> Endpoints { get; set; } = [];

    /// <summary>Their ports.</summary>
    public IList<EndpointPort>? Ports { get; set; }
}

/// <summary>One pod behind a Service.</summary>
public sealed class SliceEndpoint : KubeFields
{
    /// <summary>Its addresses.</summary>
    public IList<string> Addresses { get; set; } = [];

    /// <summary>Whether it takes traffic.</summary>
    public SliceConditions? Conditions { get; set; }

    /// <summary>Host name of the pod.</summary>
    public string? Hostname { get; set; }

    /// <summary>Node of the pod.</summary>
    public string? NodeName { get; set; }

    /// <summary>The pod.</summary>
    public ObjectReference? TargetRef { get; set; }
}

/// <summary>Whether a pod takes traffic.</summary>
public sealed class SliceConditions : KubeFields
{
    /// <summary>Ready and not ending.</summary>
    public bool? Ready { get; set; }

    /// <summary>Ready, ending or not.</summary>
    public bool? Serving { get; set; }

    /// <summary>Ending.</summary>
    public bool? Terminating { get; set; }
}
