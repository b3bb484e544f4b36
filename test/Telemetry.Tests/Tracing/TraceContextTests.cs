using System.Diagnostics;
using System.Text.Json.Nodes;
using Castellan.Telemetry.Tracing;

namespace Castellan.Telemetry.Tests.Tracing;

public sealed class TraceContextTests
{
    private const string Parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    [Fact]
    public void Read_WhenMetaCarriesAContext_TakesIt()
    {
        var context = TraceContext.Read(new JsonObject { ["traceparent"] = Parent, ["tracestate"] = "vendor=1" });
        Assert.Equal((Parent, "vendor=1", true), (TraceContext.Format(context), context.TraceState, context.IsRemote));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("00-0-1-01")]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    public void Read_WhenTheContextIsMalformed_IsNone(string? parent) => Assert.Equal(default, TraceContext.Read(parent, null));

    [Fact]
    public void Read_WhenMetaHoldsSomethingElse_IsNone() =>
        Assert.Equal(default, TraceContext.Read(new JsonObject { ["traceparent"] = new JsonObject(), ["tracestate"] = 7 }));

    [Fact]
    public void Read_WhenTheStateIsTooLong_DropsTheStateAlone()
    {
        var context = TraceContext.Read(Parent, $"a={new string('x', 600)}");
        Assert.Equal((Parent, null), (TraceContext.Format(context), context.TraceState));
    }

    [Fact]
    public void Write_WhenThereIsNoContext_WritesNothing()
    {
        var meta = new JsonObject();
        TraceContext.Write(meta, default);
        Assert.Empty(meta);
    }

    [Fact]
    public void Current_WhenOnlyTheFrameworkOpenedASpan_IsTheCaller()
    {
        using var framework = new Activity("Microsoft.AspNetCore.Hosting.HttpRequestIn");
        framework.SetParentId(Parent);
        framework.Start();
        Assert.Equal(Parent, TraceContext.Format(TraceContext.Current));
        using var inner = new Activity("System.Net.Http.HttpRequestOut").Start();
        Assert.Equal(Parent, TraceContext.Format(TraceContext.Current));
    }
}
