using Castellan.Rpc.Wire;

namespace Castellan.Rpc.Tests.Wire;

public sealed class GrpcStatusMessageTests
{
    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("100% naïve é\n", "100%25 na%C3%AFve %C3%A9%0A")]
    public void Encode_Always_LeavesPrintableAsciiOnly(string text, string encoded)
    {
        Assert.Equal(encoded, GrpcStatusMessage.Encode(text));
        Assert.Equal(text, GrpcStatusMessage.Decode(encoded));
    }

    [Theory]
    [InlineData("50%", "50%")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("a%4", "a%4")]
    public void Decode_WhenEscapeIsMalformed_KeepsIt(string encoded, string text) => Assert.Equal(text, GrpcStatusMessage.Decode(encoded));
}
