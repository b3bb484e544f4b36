namespace Castellan.SpiffeIdentity.Tests.WorkloadApi;

public sealed class WorkloadApiAddressTests
{
    [Theory]
    [InlineData("blah")]
    [InlineData("\t")]
    [InlineData("tcp:opaque")]
    [InlineData("tcp://")]
    [InlineData("tcp://1.2.3.4")]
    [InlineData("tcp://foo")]
    [InlineData("tcp://foo:1")]
    [InlineData("tcp://1.2.3.4:5/path")]
    [InlineData("tcp://1.2.3.4:5?x")]
    [InlineData("tcp://u@1.2.3.4:5")]
    [InlineData("tcp://1:5")]
    [InlineData("tcp://1.2.3.4:0")]
    [InlineData("tcp://1.2.3.4:5#x")]
    [InlineData("")]
    [InlineData("unix:opaque")]
    [InlineData("unix://")]
    [InlineData("unix:///")]
    [InlineData("unix://foo")]
    [InlineData("unix://foo?x")]
    [InlineData("unix:///foo?x")]
    [InlineData("unix:///foo#x")]
    [InlineData("unix://u:p@foo/path")]
    public void TryParse_WhenItIsNone_Refuses(string text) => Assert.False(WorkloadApiAddress.TryParse(text, out _));

    [Fact]
    public void Parse_WhenItIsOne_Reads()
    {
        Assert.Equal("/path/s.sock", WorkloadApiAddress.Parse("unix:///path/s.sock").SocketPath);
        Assert.Equal("1.2.3.4:5", WorkloadApiAddress.Parse("tcp://1.2.3.4:5").EndPoint!.ToString());
        Assert.Equal("[::1]:5", WorkloadApiAddress.Parse("tcp://[::1]:5").EndPoint!.ToString());
    }
}
