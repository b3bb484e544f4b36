namespace Castellan.SpiffeIdentity;

/// <summary>An X.509-SVID as it is handed out: bytes for a workload, not yet an identity of this process.</summary>
/// <param name="Id">Whose it is.</param>
/// <param name="Chain">DER certificates, concatenated: the leaf, then the intermediate.</param>
/// <param name="Pkcs8">The private key. Secret.</param>
/// <param name="NotAfter">End of validity.</param>
/// <param name="Hint">Operator-set label.</param>
internal sealed record IssuedX509Svid(SpiffeId Id, byte[] Chain, byte[] Pkcs8, DateTimeOffset NotAfter, string Hint)
{
    /// <summary>Takes it as an identity of this process.</summary>
    public X509Svid Adopt() => X509Svid.Parse(Chain, Pkcs8, Hint);

    /// <summary>The ID and the end of validity; never the key.</summary>
    public override string ToString() => $"{Id} until {NotAfter:O}";
}
