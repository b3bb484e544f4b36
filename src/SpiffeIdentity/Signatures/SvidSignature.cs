namespace Castellan.SpiffeIdentity;

/// <summary>A JWS whose payload travels apart.</summary>
/// <param name="Protected">The protected header, base64url.</param>
/// <param name="Signature">The signature, base64url.</param>
public sealed record SvidSignature(string Protected, string Signature);

/// <summary>What an X.509-SVID has signed, verified.</summary>
/// <param name="Signer">Who signed.</param>
/// <param name="Payload">What was signed.</param>
/// <param name="SignerNotAfter">End of the SVID that signed.</param>
public sealed record SvidStatement(SpiffeId Signer, ReadOnlyMemory<byte> Payload, DateTimeOffset SignerNotAfter);
