using System.Xml.Linq;

namespace Castellan.Architecture.Tests;

/// <summary>The direction of dependencies: who may refer to whom.</summary>
public sealed class DependencyTests
{
    // Every library and the libraries it may refer to. What is not here may refer to nothing and be referred to by nobody.
    private static readonly Dictionary<string, string[]> Libraries = new()
    {
        ["ServiceDefaults"] = ["SpiffeIdentity", "Digests", "Telemetry"],
        ["LocalCluster"] = ["KubeClient", "KubeApi", "Cel"],
        ["GatewayApi"] = ["AgentApi", "Telemetry"],
        ["Models"] = ["AgentApi", "Cel"],
        ["Workflows"] = ["Rpc", "Storage", "Telemetry"],
        ["Audit"] = ["Storage", "Digests"],
        ["Policy"] = ["AgentApi", "Cel", "Digests"],
        ["SpiffeIdentity"] = ["Rpc"],
        ["Storage"] = [],
        ["KubeClient"] = ["KubeApi", "Telemetry"],
        ["AgentApi"] = ["KubeApi"],
        ["KubeApi"] = [],
        ["Cel"] = [],
        ["Digests"] = [],
        ["Telemetry"] = [],
        ["Rpc"] = [],
    };

    // Hosts meet over CRDs, HTTP, MCP and gRPC.
    private static readonly string[] Hosts = ["AgentController", "AgentGateway", "AgentRuntime", "McpServers", "SpiffeServer", "SpiffeAgent"];

    // The one that composes all of them, for local mode.
    private const string Composer = "Castellan";

    private static IEnumerable<string> Projects => Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void Projects_ReferOnlyToThoseBelowThem() => Repository.AssertNone(
        from project in Projects
        where project.StartsWith("src/", StringComparison.Ordinal)
        let name = Path.GetFileNameWithoutExtension(project)
        from target in References(project)
        where !MayRefer(name, target)
        select $"{name} refers to {target}",
        "see the table in this test; move the code, or record a decision in docs/decisions/ and change the table");

    [Fact]
    public void Projects_AreAllKnown() => Repository.AssertNone(
        from project in Projects
        where project.StartsWith("src/", StringComparison.Ordinal)
        let name = Path.GetFileNameWithoutExtension(project)
        where name != Composer && !Hosts.Contains(name) && !Libraries.ContainsKey(name)
        select $"{project} is neither host nor library",
        "give it a place in the table, with a page in docs/decisions/");

    [Fact]
    public void Projects_AreAllInTheSolution()
    {
        var solution = Repository.Read("Agents.sln").Replace('\\', '/');
        Repository.AssertNone(Projects.Where(p => !solution.Contains(p, StringComparison.Ordinal)), "add each with 'dotnet sln add'");
    }

    [Fact]
    public void Projects_InSrcHaveTests() => Repository.AssertNone(
        from project in Projects
        where project.StartsWith("src/", StringComparison.Ordinal)
        let name = Path.GetFileNameWithoutExtension(project)
        where name != "KubeApi" // data only; KubeClient.Tests reads and writes it
        where !File.Exists(Path.Combine(Repository.Root, "test", $"{name}.Tests", $"{name}.Tests.csproj"))
        select $"{name} has no test/{name}.Tests",
        "add the project");

    [Fact]
    public void Packages_AreAllUsedAndExplained()
    {
        var used = Projects.Append("Directory.Build.props").SelectMany(p => XDocument.Parse(Repository.Read(p)).Descendants("PackageReference"))
            .Select(r => (string)r.Attribute("Include")!).ToHashSet();
        var explained = Repository.Read("docs/dependencies.md");
        Repository.AssertNone(
            from version in XDocument.Parse(Repository.Read("Directory.Packages.props")).Descendants("PackageVersion")
            let name = (string)version.Attribute("Include")!
            let fault = !used.Contains(name) ? "no project uses it" : !explained.Contains(name, StringComparison.Ordinal) ? "docs/dependencies.md does not say why it is here" : null
            where fault is not null
            select $"{name}: {fault}",
            "remove the package or write its line: why, licence, what else was considered");
    }

    private static bool MayRefer(string from, string to) =>
        from == Composer
        || (Hosts.Contains(from) && Libraries.ContainsKey(to))
        || (Libraries.TryGetValue(from, out var allowed) && allowed.Contains(to));

    private static IEnumerable<string> References(string project) => XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
        .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
}
