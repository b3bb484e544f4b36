using Castellan.Rpc.Wire;

namespace Castellan.Rpc.Tests.Wire;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("1H", 3_600_000)]
    [InlineData("2M", 120_000)]
    [InlineData("3S", 3_000)]
    [InlineData("250m", 250)]
    [InlineData("1500u", 1.5)]
    [InlineData("2000000n", 2)]
    [InlineData("99999999H", int.MaxValue - 1)]
    public void TryParse_WhenWellFormed_GivesTheTime(string text, double milliseconds)
    {
        Assert.True(GrpcTimeout.TryParse(text, out var timeout));
        Assert.Equal(milliseconds, timeout.TotalMilliseconds, 0.001);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("1")]
    [InlineData("1x")]
    [InlineData("-1m")]
    [InlineData(" 1m")]
    [InlineData("1.5S")]
    [InlineData("123456789m")]
    public void TryParse_WhenMalformed_Refuses(string text) => Assert.False(GrpcTimeout.TryParse(text, out _));

    [Theory]
    [InlineData(0.2, "1m")]
    [InlineData(1500, "1500m")]
    [InlineData(200_000_000, "200000S")]
    public void Format_Always_FitsEightDigits(double milliseconds, string expected) =>
        Assert.Equal(expected, GrpcTimeout.Format(TimeSpan.FromMilliseconds(milliseconds)));
}
