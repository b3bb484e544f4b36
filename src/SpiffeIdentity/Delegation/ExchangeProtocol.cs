namespace Castellan.SpiffeIdentity;

/// <summary>The words of RFC 8693 that both sides of a token exchange use.</summary>
public static class ExchangeProtocol
{
    /// <summary>Path of the token endpoint.</summary>
    public const string Path = "/token";

    /// <summary>The grant type.</summary>
    public const string Grant = "urn:ietf:params:oauth:grant-type:token-exchange";

    /// <summary>Type of the statements that go in.</summary>
    public const string Jwt = "urn:ietf:params:oauth:token-type:jwt";

    /// <summary>Type of the tokens that come out.</summary>
    public const string AccessToken = "urn:ietf:params:oauth:token-type:access_token";
}
