using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Castellan.SpiffeIdentity;

/// <summary>Where a Workload API is served: <c>unix:///absolute/path</c> or <c>tcp://&lt;IP&gt;:&lt;port&gt;</c>.</summary>
/// <remarks>Source: SPIFFE Workload Endpoint standard, section 4.</remarks>
public sealed record WorkloadApiAddress
{
    /// <summary>The environment variable that names the address.</summary>
    public const string Variable = "SPIFFE_ENDPOINT_SOCKET";

    private WorkloadApiAddress(string text, string? socketPath, IPEndPoint? endPoint)
    {
        Text = text;
        SocketPath = socketPath;
        EndPoint = endPoint;
    }

    /// <summary>The address as it was written.</summary>
    public string Text { get; }

    /// <summary>Path of the unix socket; null for TCP.</summary>
    public string? SocketPath { get; }

    /// <summary>TCP end point; null for a unix socket.</summary>
    public IPEndPoint? EndPoint { get; }

    /// <summary>The address of a unix socket.</summary>
    public static WorkloadApiAddress ForSocket(string absolutePath) => Parse("unix://" + absolutePath);

    /// <summary>The address in <see cref="Variable"/>.</summary>
    /// <exception cref="FormatException">The variable is not set or malformed.</exception>
    public static WorkloadApiAddress FromEnvironment() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text
            ? Parse(text)
            : throw new FormatException($"{Variable} is not set; set it to unix:///path/of/the/agent's/socket");

    /// <summary>Reads an address.</summary>
    /// <exception cref="FormatException">The text is no such address.</exception>
    public static WorkloadApiAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is no Workload API address; write unix:///absolute/path or tcp://IP:port");

    /// <summary>Reads an address; false when the text is none.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out WorkloadApiAddress? address)
    {
        address = null;
        if (text.AsSpan().ContainsAny("?#@"))
        {
            return false;
        }

        if (text.StartsWith("unix:///", StringComparison.Ordinal) && text.Length > "unix:///".Length)
        {
            address = new(text, text["unix://".Length..], null);
        }
        else if (text.StartsWith("tcp://", StringComparison.Ordinal) && TryEndPoint(text["tcp://".Length..]) is { } endPoint)
        {
            address = new(text, null, endPoint);
        }

        return address is not null;
    }

    /// <summary>Only what is written in full: the platform also reads <c>1:5</c> as an address.</summary>
    private static IPEndPoint? TryEndPoint(string text) =>
        IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port > 0 && (text[0] == '[' || endPoint.ToString() == text) ? endPoint : null;

    /// <summary>The address.</summary>
    public override string ToString() => Text;
}
