using System.Buffers.Text;
using System.Text;
using Castellan.AgentGateway.Identity;

namespace Castellan.AgentGateway.Tests.Delegations;

public sealed class LoginTokenTests
{
    [Theory]
    [InlineData("{\"exp\":1767225600}", 1767225600L)]
    [InlineData("{\"sub\":\"you\"}", null)]
    [InlineData("{\"exp\":\"1767225600\"}", null)]
    [InlineData("{\"exp\":1e400}", null)]
    [InlineData("[]", null)]
    [InlineData("no json", null)]
    public void Expiry_IsTheClaimOfAJwt_AndOtherwiseUnknown(string claims, long? seconds) =>
        Assert.Equal(seconds is { } s ? DateTimeOffset.FromUnixTimeSeconds(s) : null, LoginToken.ExpiryOf($"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}.x"));

    [Theory]
    [InlineData("static-token")]
    [InlineData("a.b.c")]
    [InlineData("a.%%%.c")]
    public void Expiry_OfAnotherKindOfToken_IsUnknown(string token) => Assert.Null(LoginToken.ExpiryOf(token));
}
