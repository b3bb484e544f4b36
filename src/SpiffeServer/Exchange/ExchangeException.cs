namespace Castellan.SpiffeServer.Exchange;

/// <summary>A request that gets no token.</summary>
/// <param name="error">The code that programs decide by (RFC 6749, section 5.2; RFC 8693, section 2.2.2).</param>
/// <param name="description">The problem and the remedy; no token.</param>
/// <param name="inner">The cause.</param>
internal sealed class ExchangeException(string error, string description, Exception? inner = null) : Exception(description, inner)
{
    public const string InvalidRequest = "invalid_request";
    public const string InvalidClient = "invalid_client";
    public const string InvalidTarget = "invalid_target";
    public const string InvalidScope = "invalid_scope";
    public const string UnsupportedGrantType = "unsupported_grant_type";

    public string Error { get; } = error;
}
