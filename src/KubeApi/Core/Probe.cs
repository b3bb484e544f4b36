namespace Castellan.KubeApi.Core;

/// <summary>A check that is repeated.</summary>
public sealed class Probe : KubeFields
{
    /// <summary>A command; exit code 0 is success.</summary>
    public ExecAction? Exec { get; set; }

    /// <summary>A request; 200 to 399 is success.</summary>
    public HttpGetAction? HttpGet { get; set; }

    /// <summary>A connection; opening it is success.</summary>
    public TcpSocketAction? TcpSocket { get; set; }

    /// <summary>A gRPC health check.</summary>
    public GrpcAction? Grpc { get; set; }

    /// <summary>Seconds from the start to the first check; 0 by default.</summary>
    public int? InitialDelaySeconds { get; set; }

    /// <summary>Seconds for one check; 1 by default.</summary>
    public int? TimeoutSeconds { get; set; }

    /// <summary>Seconds between checks; 10 by default.</summary>
    public int? PeriodSeconds { get; set; }

    /// <summary>Successes in a row that count as success; 1 by default.</summary>
    public int? SuccessThreshold { get; set; }

    /// <summary>Failures in a row that count as failure; 3 by default.</summary>
    public int? FailureThreshold { get; set; }
}

/// <summary>A command.</summary>
public sealed class ExecAction : KubeFields
{
    /// <summary>The command; not run in a shell.</summary>
    public IList<string>? Command { get; set; }
}

/// <summary>A request.</summary>
public sealed class HttpGetAction : KubeFields
{
    /// <summary>Path; <c>/</c> by default.</summary>
    public string? Path { get; set; }

    /// <summary>Number or name of the container's port.</summary>
    public IntOrString Port { get; set; }

    /// <summary>Host; the pod's address by default.</summary>
    public string? Host { get; set; }

    /// <summary><c>HTTP</c> (default) or <c>HTTPS</c> (not verified).</summary>
    public string? Scheme { get; set; }

    /// <summary>Headers to send.</summary>
    public IList<HttpHeader>? HttpHeaders { get; set; }
}

/// <summary>A header.</summary>
public sealed class HttpHeader : KubeFields
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its value.</summary>
    public string? Value { get; set; }
}

/// <summary>A connection.</summary>
public sealed class TcpSocketAction : KubeFields
{
    /// <summary>Number or name of the container's port.</summary>
    public IntOrString Port { get; set; }

    /// <summary>Host; the pod's address by default.</summary>
    public string? Host { get; set; }
}

/// <summary>A gRPC health check.</summary>
public sealed class GrpcAction : KubeFields
{
    /// <summary>The port.</summary>
    public int Port { get; set; }

    /// <summary>The service asked about.</summary>
    public string? Service { get; set; }
}
