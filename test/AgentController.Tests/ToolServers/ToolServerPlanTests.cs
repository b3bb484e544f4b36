using Castellan.AgentApi;
using Castellan.AgentApi.V1Alpha1;
using Castellan.AgentController.ToolServers;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Rbac;

namespace Castellan.AgentController.Tests.ToolServers;

public sealed class ToolServerPlanTests
{
    /// <summary>Each row: the container, and the arguments and images of the pod's containers or the fault.</summary>
    public static TheoryData<ContainerServer, string> Containers => new()
    {
        { new() { Image = "a:1" }, "castellan castellan.dev/spiffe-agent:test [] [proxy --upstream http://127.0.0.1:8000/mcp] | server a:1 [] []" },
        { new() { Image = "a:1", Command = ["serve", "-v"], Port = 9000, Path = "/x" }, "castellan castellan.dev/spiffe-agent:test [] [proxy --upstream http://127.0.0.1:9000/x] | server a:1 [serve -v] []" },
        { new() { Transport = ToolTransport.Stdio, Command = ["npx", "-y", "server"] }, "castellan castellan.dev/spiffe-agent:test [] [proxy --stdio -- npx -y server]" },
        { new() { Transport = ToolTransport.Stdio, Command = ["serve"], Image = "mine:1" }, "castellan mine:1 [] [proxy --stdio -- serve]" },
        { new() { Transport = ToolTransport.Stdio }, "SpecInvalid: spec.container.command is missing" },
        { new(), "SpecInvalid: spec.container.image is missing" },
        { new() { Image = "a:1", Port = 8443 }, "SpecInvalid: spec.container.port is 8443" },
    };

    [Theory, MemberData(nameof(Containers))]
    public void From_ForEachContainer_PutsAProxyInFront(ContainerServer container, string expected)
    {
        var server = Given.ContainerServer();
        server.Spec.Container = container;
        var plan = ToolServerPlan.From(new ToolServerObservation(server), Given.Options);
        var pod = plan.Children.OfType<Deployment>().SingleOrDefault()?.Spec.Template.Spec;
        var actual = pod is null
            ? $"{plan.Ready.Reason}: {plan.Ready.Message}"
            : string.Join(" | ", pod.Containers.Select(c => $"{c.Name} {c.Image} [{string.Join(' ', c.Command ?? [])}] [{string.Join(' ', c.Args ?? [])}]"));
        Assert.StartsWith(expected, actual, StringComparison.Ordinal);
    }

    [Fact]
    public void From_ForAForeignContainer_KeepsTheIdentitySocketFromIt()
    {
        var plan = ToolServerPlan.From(new ToolServerObservation(Given.ContainerServer(with: c => c.Environment = new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" })), Given.Options);
        var foreign = Child<Deployment>(plan).Spec.Template.Spec.Containers.Single(c => c.Name == "server");
        Assert.Equal(["/tmp"], foreign.VolumeMounts!.Select(m => m.MountPath));
        Assert.Equal(["A=1", "B=2"], foreign.Env!.Select(e => $"{e.Name}={e.Value}"));
        Assert.False(Child<Deployment>(plan).Spec.Template.Spec.AutomountServiceAccountToken);
    }

    [Fact]
    public void From_ForTheClusterServer_MountsATokenAndPassesItsBounds()
    {
        var pod = Child<Deployment>(Plan(with: b => (b.Namespaces, b.ReadOnly) = (["shop", "web"], true))).Spec.Template.Spec;
        Assert.True(pod.AutomountServiceAccountToken);
        Assert.Equal(("castellan.dev/mcp-servers:test", "cluster --namespace shop --namespace web --read-only"), (pod.Containers[0].Image, string.Join(' ', pod.Containers[0].Args!)));
    }

    [Fact]
    public void From_WhenAgentsUseTheClusterServer_LetsItActAsExactlyThose()
    {
        var plan = Plan(agents: ["web", "triage"]);
        var rule = Assert.Single(Child<Role>(plan).Rules!);
        Assert.Equal(("impersonate", "serviceaccounts", "agent-triage agent-web"), (rule.Verbs!.Single(), rule.Resources!.Single(), string.Join(' ', rule.ResourceNames!)));
        Assert.Equal(("Role", "tools-cluster"), (Child<RoleBinding>(plan).RoleRef.Kind, Child<RoleBinding>(plan).RoleRef.Name));
    }

    [Fact]
    public void From_WhenNobodyUsesTheClusterServer_GrantsNothing() // a rule without names would mean everybody
    {
        var seen = Plan(agents: ["triage"], with: b => b.ImpersonateUsers = ["you"]).Children.Where(c => c is Role or RoleBinding or ClusterRole or ClusterRoleBinding).ToList();
        var plan = Plan(access: seen);
        Assert.DoesNotContain(plan.Children, c => c is Role or RoleBinding or ClusterRole or ClusterRoleBinding);
        Assert.Equal(seen, plan.Obsolete);
    }

    [Fact]
    public void From_WhenUsersAreNamed_LetsItActAsThoseTheInstallationAllows()
    {
        var plan = Plan(with: b => (b.ImpersonateUsers, b.ImpersonateGroups) = (["you"], ["castellan:operators"]));
        Assert.Equal(
            ["users:you", "groups:castellan:operators"],
            Child<ClusterRole>(plan).Rules!.Select(r => $"{r.Resources!.Single()}:{string.Join(' ', r.ResourceNames!)}"));
        Assert.Equal("toolserver", Child<ClusterRoleBinding>(plan).Metadata.Labels!["castellan.dev/kind"]);
    }

    [Theory]
    [InlineData("admin", null, "user admin")]
    [InlineData(null, "system:masters", "group system:masters")]
    public void From_WhenTheInstallationDoesNotAllowAName_RefusesIt(string? user, string? group, string named)
    {
        var plan = Plan(with: b => (b.ImpersonateUsers, b.ImpersonateGroups) = (user is null ? null : [user], group is null ? null : [group]));
        Assert.Equal("ImpersonationRefused", plan.Ready.Reason);
        Assert.Contains(named, plan.Ready.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Children, c => c is ClusterRole);
    }

    [Fact]
    public void From_WhenTheSpecCannotRun_LeavesThePodsThatRunAlone()
    {
        var plan = ToolServerPlan.From(new ToolServerObservation(Given.ContainerServer(with: c => c.Image = null)), Given.Options);
        Assert.DoesNotContain(plan.Children, c => c is Deployment);
        Assert.Empty(plan.Obsolete);
    }

    [Fact]
    public void From_ForARemoteServer_WantsNothingAndTakesAwayWhatRanInAPod()
    {
        var before = ToolServerPlan.From(new ToolServerObservation(Given.ContainerServer()), Given.Options).Children;
        var plan = ToolServerPlan.From(new ToolServerObservation(Given.RemoteServer()) { Workload = before }, Given.Options);
        Assert.Empty(plan.Children);
        Assert.Null(plan.SpiffeId);
        Assert.Equal(["Deployment", "Service", "ServiceAccount"], plan.Obsolete.Select(o => o.GetType().Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null, 1, "False Progressing: waiting for the gateway")]
    [InlineData("True", 1, "True Ready: the gateway has listed its tools")]
    [InlineData("False", 1, "False Refused: not public")]
    [InlineData("True", 0, "False Progressing: waiting for the gateway")] // found for an earlier spec
    public void From_ForARemoteServer_IsReadyWhenItsToolsWereListed(string? discovered, long generation, string expected)
    {
        var server = Given.RemoteServer();
        var verdict = discovered == "True" ? Verdict.Yes("Listed", "2 tools") : Verdict.No("Refused", "not public");
        server.Status = discovered is null ? null : new ToolServerStatus { Conditions = [Conditions.Next(null, ApiGroup.DiscoveredCondition, verdict, generation, DateTimeOffset.UnixEpoch)] };
        var ready = ToolServerPlan.From(new ToolServerObservation(server), Given.Options).Ready;
        Assert.StartsWith(expected, $"{ready.Status} {ready.Reason}: {ready.Message}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://", null, "is no URL")]
    [InlineData("https://me:secret@mcp.example.com/mcp", null, "holds a credential")]
    [InlineData("http://mcp.example.com/mcp", "X-Api-Key", "in the clear")]
    [InlineData("https://mcp.example.com/mcp", "Host", "says something else")]
    [InlineData("https://mcp.example.com/mcp", "mcp-session-id", "says something else")]
    public void From_WhenARemoteServersSpecIsWrong_SaysWhatToCorrect(string url, string? header, string problem)
    {
        var server = Given.RemoteServer(url, r => r.Credential = header is null ? null : new RemoteCredential { Secret = new SecretKeyReference { Name = "docs", Key = "token" }, Header = header });
        var ready = ToolServerPlan.From(new ToolServerObservation(server), Given.Options).Ready;
        Assert.Equal("SpecInvalid", ready.Reason);
        Assert.Contains(problem, ready.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret@", ready.Message, StringComparison.Ordinal);
    }

    private static ToolServerPlan Plan(IReadOnlyList<string>? agents = null, Action<BuiltInServer>? with = null, IReadOnlyList<KubeObject>? access = null) =>
        ToolServerPlan.From(new ToolServerObservation(Given.ClusterServer(with: with)) { Agents = agents ?? [], Access = access ?? [] }, Given.Options);

    private static T Child<T>(ToolServerPlan plan) where T : KubeObject => Assert.Single(plan.Children.OfType<T>());
}
