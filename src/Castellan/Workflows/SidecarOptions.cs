using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Castellan.Cli.CommandLine;
using StoreLocation = Castellan.Storage.StoreLocation;

namespace Castellan.Cli.Workflows;

/// <summary>What <c>castellan workflows serve</c> was asked for.</summary>
/// <param name="Listen">Address and port; port 0 takes any free one.</param>
/// <param name="Store">Where histories are kept.</param>
/// <param name="Tokens">Each with the hub it chooses.</param>
/// <param name="Certificate">With its key; null serves without TLS.</param>
internal sealed record SidecarOptions(IPEndPoint Listen, StoreLocation Store, IReadOnlyList<(string Hub, string Token)> Tokens, X509Certificate2? Certificate)
{
    /// <summary>Ended instances older than this are removed; null keeps them.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>True where the operator says that there is a backup to go back to.</summary>
    public bool AllowSchemaChange { get; init; }

    /// <exception cref="CommandFailure">It is no address, or one beyond this machine without TLS.</exception>
    public static IPEndPoint ParseListen(string text, bool hasTls)
    {
        var address = text.StartsWith("localhost:", StringComparison.OrdinalIgnoreCase) ? string.Concat("127.0.0.1", text.AsSpan("localhost".Length)) : text;
        if (!address.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(address, out var endpoint) || address.EndsWith(']'))
        {
            throw new CommandFailure($"--listen '{text}' is no address and port", "for example --listen 127.0.0.1:50001", ExitCode.Usage);
        }
        return hasTls || IPAddress.IsLoopback(endpoint.Address)
            ? endpoint
            : throw new CommandFailure($"--listen {text} would send tokens and payloads over the network in the clear", "give --tls-cert and --tls-key, or listen on 127.0.0.1", ExitCode.Usage);
    }

    /// <exception cref="CommandFailure">One of the files is missing or cannot be read as certificate and key.</exception>
    public static X509Certificate2? LoadCertificate(string? certificate, string? key)
    {
        if (certificate is null && key is null)
        {
            return null;
        }
        if (certificate is null || key is null)
        {
            throw new CommandFailure($"--tls-{(certificate is null ? "cert" : "key")} is missing", "give both: PEM files of a certificate chain and its private key", ExitCode.Usage);
        }
        try
        {
            return X509Certificate2.CreateFromPemFile(certificate, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new CommandFailure($"certificate {certificate} and key {key} cannot be used: {e.Message}", "give PEM files of a certificate chain and its unencrypted private key", inner: e);
        }
    }
}
