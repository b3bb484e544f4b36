namespace Castellan.SpiffeIdentity;

/// <summary>What a key of an authority does at the moment.</summary>
public enum AuthorityKeyState
{
    /// <summary>Published, so that others know it, and not used yet.</summary>
    Prepared,

    /// <summary>Signs.</summary>
    Active,

    /// <summary>Signs no more; what it signed is still valid.</summary>
    Retiring,
}

/// <summary>A CA or JWT key of an authority, without any secret.</summary>
/// <param name="Role"><c>root</c>, <c>signing</c> or <c>jwt</c>.</param>
/// <param name="Name">Subject of the certificate, or the <c>kid</c>.</param>
/// <param name="State">What it does.</param>
/// <param name="NotBefore">Start of validity.</param>
/// <param name="NotAfter">End of validity.</param>
public sealed record AuthorityKeyStatus(string Role, string Name, AuthorityKeyState State, DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    internal static IReadOnlyList<AuthorityKeyStatus> Of(AuthorityKeys keys, DateTimeOffset now, TimeSpan publication)
    {
        var jwt = keys.Signers.Any(s => s.Jwt is not null && s.ActiveFrom <= now && now < s.Lifetime.NotAfter) ? keys.JwtSigner(now, publication) : null;
        return
        [
            .. Of("root", keys.Roots, k => k.Certificate.Subject, now, active: null),
            .. Of("signing", keys.Signers, k => k.Certificate.Subject, now, active: null),
            .. Of("jwt", [.. keys.Signers.Where(s => s.Jwt is not null)], k => k.Jwt!.KeyId, now, jwt),
        ];
    }

    private static IEnumerable<AuthorityKeyStatus> Of(string role, IReadOnlyList<SigningKey> keys, Func<SigningKey, string> name, DateTimeOffset now, SigningKey? active)
    {
        active ??= keys.LastOrDefault(k => k.Key is not null && k.ActiveFrom <= now && now < k.Lifetime.NotAfter);
        var at = active is null ? -1 : keys.ToList().IndexOf(active);
        return keys.Select((key, i) => new AuthorityKeyStatus(
            role, name(key), i == at ? AuthorityKeyState.Active : i > at ? AuthorityKeyState.Prepared : AuthorityKeyState.Retiring, key.Lifetime.NotBefore, key.Lifetime.NotAfter));
    }
}
