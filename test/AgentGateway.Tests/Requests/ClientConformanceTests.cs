using Castellan.Testing;

namespace Castellan.AgentGateway.Tests.Requests;

/// <summary>The official conformance suite examines the gateway as a client of tool servers, as far as its scenarios are about that.</summary>
public sealed class ClientConformanceTests
{
    [Theory]
    [InlineData("tools_call", "2025-11-25")]
    [InlineData("tools_call", "2026-07-28")]
    [InlineData("request-metadata", "2026-07-28")]
    [InlineData("http-standard-headers", "2026-07-28")]
    [InlineData("http-custom-headers", "2026-07-28")]
    [InlineData("http-invalid-tool-headers", "2026-07-28")]
    [InlineData("json-schema-ref-no-deref", "2026-07-28")]
    public async Task Link_WhenTheSuiteExaminesIt_Passes(string scenario, string revision)
    {
        var command = $"dotnet {Path.Combine(AppContext.BaseDirectory, "Castellan.AgentGateway.Tests.dll")} conformance-client";
        var verdict = await ConformanceSuite.ExamineClientAsync(command, scenario, revision);
        Assert.True(verdict.Passed, verdict.ToString());
    }
}
