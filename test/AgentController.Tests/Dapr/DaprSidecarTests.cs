using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Castellan.AgentApi.Workloads;
using Castellan.AgentController.Agents;
using Castellan.AgentController.Dapr;
using Castellan.KubeApi;
using Castellan.KubeApi.Apps;
using Castellan.KubeClient;

namespace Castellan.AgentController.Tests.Dapr;

public sealed partial class DaprSidecarTests
{
    private const string AppId = "agent-default-triage-2b7e04c1cb";

    // What a pod's annotation may be called, from Dapr's reference (arguments and annotations of daprd).
    private static readonly string[] KnownAnnotations =
        ["dapr.io/enabled", "dapr.io/app-id", "dapr.io/config", "dapr.io/api-token-secret", "dapr.io/disable-builtin-k8s-secret-store", "dapr.io/max-body-size"];

    [Fact]
    public void From_OnDapr_AsksForADaprdOfTheAgentsOwn()
    {
        var template = Deployment(Plan()).Spec.Template;
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["dapr.io/enabled"] = "true",
                ["dapr.io/app-id"] = AppId,
                ["dapr.io/config"] = "agent-triage",
                ["dapr.io/api-token-secret"] = "dapr-api-token",
                ["dapr.io/disable-builtin-k8s-secret-store"] = "true",
                ["dapr.io/max-body-size"] = "16Mi",
            },
            template.Metadata!.Annotations);
        Assert.Equal(KnownAnnotations.Order(), template.Metadata.Annotations!.Keys.Order());
        var environment = Assert.Single(template.Spec.Containers).Env!;
        Assert.Equal("Dapr", environment.Single(e => e.Name == "CASTELLAN_Workflows__Backend").Value);
        var token = environment.Single(e => e.Name == "DAPR_API_TOKEN").ValueFrom!.SecretKeyRef!;
        Assert.Equal(("dapr-api-token", "token"), (token.Name, token.Key));
        Assert.False(template.Spec.AutomountServiceAccountToken);
    }

    [Fact]
    public void From_OnDapr_WritesStoreLimitsAndAccessOfThatDaprdBeforeItsPod()
    {
        var children = Plan().Children;
        Assert.Equal(
            ["ServiceAccount", "Component", "Configuration", "WorkflowAccessPolicy", "Deployment", "Service"],
            children.Select(c => c.Kind));
        Assert.All(children, c => Assert.Equal(("agent-triage", "uid-triage"), (c.Metadata.Name, Assert.Single(c.Metadata.OwnerReferences!).Uid)));
        Assert.Equal($$$"""{"spec":{"type":"state.postgresql","version":"v2","metadata":[{"name":"connectionString","secretKeyRef":{"name":"castellan-workflow-store","key":"connectionString"}},{"name":"actorStateStore","value":"true"}]},"scopes":["{{{AppId}}}"]}""", Body(children.OfType<DaprComponent>().Single()));
        Assert.Equal("""{"spec":{"api":{"allowed":[{"name":"metadata","version":"v1.0","protocol":"http"},{"name":"metadata","version":"v1","protocol":"grpc"}]},"accessControl":{"defaultAction":"deny"}}}""", Body(children.OfType<DaprConfiguration>().Single()));
        Assert.Equal($$$"""{"scopes":["{{{AppId}}}"],"spec":{"rules":[{"callers":[{"appID":"{{{AppId}}}"}],"workflows":[{"name":"AgentRun","operations":["schedule"]}]}]}}""", Body(children.OfType<WorkflowAccessPolicy>().Single()));
    }

    [Fact]
    public void From_OnDapr_TakesTheSecretsOfTheInstallation_AndLeavesOutWhatAnOldDaprDoesNotKnow()
    {
        var plan = Plan(new() { ApiTokenSecret = "gate", StateStoreSecret = "store", AccessPolicies = false });
        Assert.Equal("gate", Deployment(plan).Spec.Template.Metadata!.Annotations!["dapr.io/api-token-secret"]);
        Assert.Equal("store", plan.Children.OfType<DaprComponent>().Single().Spec.Metadata[0].SecretKeyRef!.Name);
        Assert.Empty(plan.Children.OfType<WorkflowAccessPolicy>());
    }

    [Fact]
    public void From_OnTheEmbeddedBackend_MentionsNoDapr()
    {
        var plan = AgentPlan.From(Seen(), Given.Options);
        Assert.Null(Deployment(plan).Spec.Template.Metadata!.Annotations);
        Assert.DoesNotContain(plan.Children, c => c.ApiVersion!.StartsWith("dapr.io", StringComparison.Ordinal));
        Assert.DoesNotContain("DAPR", JsonSerializer.Serialize(Deployment(plan), KubeJson.Options), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("default", "triage")]
    [InlineData("a", "b")]
    [InlineData("0", "9")]
    [InlineData("a-namespace-whose-name-takes-all-the-characters-that-it-may-have", "an-agent-with-a-name-that-is-as-long-as-it-may-be-too-yes")]
    [InlineData("ends-where-it-is-cut-with-a-dash-00000-aaa", "-")]
    public void AppId_Always_FitsAServicesNameWithDaprsSuffix(string ns, string agent)
    {
        var appId = DaprNames.AppIdOf(ns, agent);
        Assert.Matches(DnsLabel(), $"{appId}-dapr");
        Assert.InRange(appId.Length, 1, DaprNames.LongestAppId);
    }

    [Fact]
    public void AppId_OfDifferentAgents_Differs()
    {
        (string, string)[] agents = [("a-b", "c"), ("a", "b-c"), ("a", "b"), ("b", "a"), (new string('n', 63), "x"), (new string('n', 63), "y")];
        Assert.Equal(agents.Length, agents.Select(a => DaprNames.AppIdOf(a.Item1, a.Item2)).Distinct().Count());
        Assert.Equal(DaprNames.AppIdOf("a", "b"), DaprNames.AppIdOf("a", "b"));
    }

    [Fact]
    public void GatewayManifest_AsShipped_IsWhatAnAgentGets()
    {
        var meta = () => new ObjectMeta { Name = "gateway", Namespace = WorkloadNames.SystemNamespace };
        var wanted = DaprSidecar.Of(meta, DaprNames.GatewayAppId, "CallOrchestration", new()).Objects;
        var shipped = KubeYaml.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "dapr", "gateway.yaml"))).ToList();
        Assert.Equal(wanted.Count, shipped.Count);
        Assert.All(wanted.Zip(shipped), pair => Assert.True(
            JsonNode.DeepEquals(JsonSerializer.SerializeToNode(pair.First, pair.First.GetType(), KubeJson.Options), pair.Second), $"{pair.First.Kind}: {pair.Second}"));
    }

    [Fact]
    public void Settings_WhenWrong_NameEachFault()
    {
        var faults = new WorkflowSettings { Backend = (WorkflowBackend)7, RetentionDays = -1, Dapr = { ApiTokenSecret = "" } }.Faults().ToList();
        Assert.Equal(["Workflows:Backend is 7", "Workflows:RetentionDays is -1", "Workflows:Dapr:ApiTokenSecret is ''"], faults.Select(f => f.Split(';')[0]));
        Assert.Empty(new WorkflowSettings().Faults());
    }

    internal static AgentControllerOptions OnDapr(DaprSettings? settings = null) => new()
    {
        Identity = Given.Options.Identity,
        Gateway = Given.Options.Gateway,
        WorkloadApiSocket = Given.Options.WorkloadApiSocket,
        ImageTag = Given.Options.ImageTag,
        Workflows = new WorkflowSettings { Backend = WorkflowBackend.Dapr, Dapr = settings ?? new() },
    };

    private static AgentPlan Plan(DaprSettings? settings = null) => AgentPlan.From(Seen(), OnDapr(settings));

    private static AgentObservation Seen() => new(Given.Agent()) { Model = Given.Model() };

    private static Deployment Deployment(AgentPlan plan) => plan.Children.OfType<Deployment>().Single();

    private static string Body(KubeObject child)
    {
        var json = JsonSerializer.SerializeToNode(child, child.GetType(), KubeJson.Options)!.AsObject();
        return new JsonObject(json.Where(f => f.Key is not ("apiVersion" or "kind" or "metadata")).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone()))).ToJsonString();
    }

    [GeneratedRegex("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex DnsLabel();
}
