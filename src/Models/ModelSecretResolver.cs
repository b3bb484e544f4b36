using Castellan.AgentApi.V1Alpha1;

namespace Castellan.Models;

/// <summary>Reads one key of a Secret; asked at every request, so that a rotated key is used at once.</summary>
/// <param name="ns">Namespace of the ModelConfig and of the Secret.</param>
/// <param name="reference">Which Secret, which key.</param>
/// <param name="ct">Ends the read.</param>
/// <returns>The key's value; <see langword="null"/> when the Secret or the key is missing. Never logged, never put into a message.</returns>
public delegate ValueTask<string?> ModelSecretResolver(string ns, SecretKeyReference reference, CancellationToken ct);
