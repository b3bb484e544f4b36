using Castellan.Workflows.Hosting;
using Castellan.Workflows.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace Castellan.Workflows.Tests.Hosting;

/// <summary>Where the environment says the sidecar is.</summary>
public sealed class DaprEndpointTests
{
    private static TaskHubEndpoint From(params (string Key, string Value)[] settings) =>
        DaprEndpoint.From(key => settings.FirstOrDefault(setting => setting.Key == key).Value);

    [Theory]
    [InlineData("https://dapr.example", "https://dapr.example:443/")]
    [InlineData("https://dapr.example:4443/", "https://dapr.example:4443/")]
    [InlineData("http://dapr.example:3500", "http://dapr.example:3500/")]
    [InlineData("dapr.example:50001", "http://dapr.example:50001/")]
    [InlineData("dapr.example", "http://dapr.example:50001/")]
    [InlineData("dapr.example:443", "https://dapr.example:443/")]
    [InlineData("dns:dapr.example:50001?tls=true", "https://dapr.example:50001/")]
    [InlineData("dns://1.1.1.1/dapr.example:50001", "http://dapr.example:50001/")]
    [InlineData("https://dapr.example:50001?tls=false", "http://dapr.example:50001/")]
    [InlineData("http://[::1]:50001", "http://[::1]:50001/")]
    public void Endpoint_InEachForm_IsUnderstood(string text, string expected) => Assert.Equal(new Uri(expected), From((DaprEndpoint.Endpoint, text)).Address);

    [Fact]
    public void Port_WithoutEndpoint_IsOnThisMachineAndTheTokenGoesAlong()
    {
        Assert.Equal(new Uri("http://127.0.0.1:50001/"), From().Address);
        var endpoint = From((DaprEndpoint.Port, "50007"), (DaprEndpoint.Token, "secret"));
        Assert.Equal((new Uri("http://127.0.0.1:50007/"), "secret"), (endpoint.Address, endpoint.ApiToken));
        Assert.DoesNotContain("secret", endpoint.ToString());
    }

    [Theory]
    [InlineData(DaprEndpoint.Endpoint, "ftp://dapr.example")]
    [InlineData(DaprEndpoint.Endpoint, "https://dapr.example?tls=perhaps")]
    [InlineData(DaprEndpoint.Port, "many")]
    public void Setting_WhenMalformed_IsNamed(string key, string value) => Assert.Contains(key, Assert.Throws<FormatException>(() => From((key, value))).Message);

    [Fact]
    public async Task Builder_WithASerializer_UsesItOnBothSides()
    {
        await using var sidecar = await TestSidecar.StartAsync();
        var shouting = new Shouting();
        await sidecar.AddWorkerAsync(options => options.RegisterWorkflow<string, string>("echo", (_, text) => Task.FromResult(text)));
        var services = new ServiceCollection();
        services.AddDaprWorkflowBuilder(null).WithSerializer(shouting);
        services.UseInMemory(sidecar.Hub());
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<DaprWorkflowClient>();
        var id = await client.ScheduleNewWorkflowAsync("echo", null, "hello");
        Assert.Equal("HELLO", (await sidecar.Client().WaitForWorkflowCompletionAsync(id, cancellation: TestSidecar.Limit())).ReadOutputAs<string>());
    }

    private sealed class Shouting : IDaprSerializer
    {
        public string Serialize<T>(T? value) => Serialize(value, typeof(T));

        public string Serialize(object? value, Type? inputType = null) => $"\"{value}\"".ToUpperInvariant();

        public T? Deserialize<T>(string? data) => (T?)Deserialize(data, typeof(T));

        public object? Deserialize(string? data, Type returnType) => data?.Trim('"');
    }
}
