using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Http;

public sealed class AccessTests : IAsyncLifetime
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";
    private TestCluster cluster = null!;
    private ApiClient admin = null!;

    public async Task InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        admin = ApiClient.Admin(cluster);
    }

    public async Task DisposeAsync()
    {
        admin.Dispose();
        await cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("nonsense")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    public async Task Request_WhenNobodyIsProven_IsUnauthorized(string? token)
    {
        using var nobody = ApiClient.WithToken(cluster, token);
        var answer = (await nobody.GetAsync("/api/v1/namespaces")).Expect(401);
        Assert.Equal("Unauthorized", answer.Reason);
    }

    [Fact]
    public async Task Request_WhenNoRuleAllows_IsForbiddenWithTheRealMessage()
    {
        using var you = ApiClient.As(cluster, "you", "castellan:viewers");
        var answer = (await you.GetAsync("/api/v1/namespaces/default/pods")).Expect(403);
        Assert.Equal("pods is forbidden: User \"you\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", answer.Message);
        answer = (await you.DeleteAsync("/apis/apps/v1/namespaces/default/deployments/web")).Expect(403);
        Assert.Equal("deployments.apps \"web\" is forbidden: User \"you\" cannot delete resource \"deployments\" in API group \"apps\" in the namespace \"default\"", answer.Message);
        (await you.GetAsync("/version")).Expect(200);
        (await you.GetAsync("/metrics")).Expect(403);
    }

    [Fact]
    public async Task Token_WhenBoundToAPod_EndsWithIt()
    {
        (await admin.PostAsync("/api/v1/namespaces/default/serviceaccounts", """{"metadata":{"name":"robot"}}""")).Expect(201);
        var pod = (await admin.PostAsync("/api/v1/namespaces/default/pods", """{"metadata":{"name":"p"},"spec":{"serviceAccountName":"robot","containers":[{"name":"c","image":"i:1"}]}}""")).Expect(201);
        var issued = (await admin.PostAsync("/api/v1/namespaces/default/serviceaccounts/robot/token",
            $$"""{"spec":{"audiences":["gateway"],"expirationSeconds":600,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"p","uid":"{{pod["metadata.uid"]}}"} } }""")).Expect(201);
        var review = $$"""{"spec":{"token":"{{issued["status.token"]}}","audiences":["gateway","other"]} }""";
        var known = (await admin.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", review)).Expect(201);
        Assert.True((bool)known["status.authenticated"]!);
        Assert.Equal("system:serviceaccount:default:robot", (string?)known["status.user.username"]);
        Assert.Equal(["gateway"], known["status.audiences"]!.AsArray().Select(a => (string)a!));
        Assert.Equal("p", (string?)known.Json["status"]!["user"]!["extra"]!["authentication.kubernetes.io/pod-name"]![0]);
        using var robot = ApiClient.WithToken(cluster, (string)issued["status.token"]!);
        (await robot.GetAsync("/version")).Expect(401); // the token is for the gateway, not for the API server
        (await admin.DeleteAsync("/api/v1/namespaces/default/pods/p")).Expect(200);
        Assert.Null((await admin.PostAsync("/apis/authentication.k8s.io/v1/tokenreviews", review)).Expect(201)["status.authenticated"]);
    }

    [Fact]
    public async Task Token_WhenExpired_IsRefused()
    {
        var issued = (await admin.PostAsync("/api/v1/namespaces/default/serviceaccounts/default/token", """{"spec":{"expirationSeconds":600}}""")).Expect(201);
        using var account = ApiClient.WithToken(cluster, (string)issued["status.token"]!);
        (await account.GetAsync("/version")).Expect(200);
        cluster.Clock.Advance(TimeSpan.FromSeconds(601));
        (await account.GetAsync("/version")).Expect(401);
    }

    [Fact]
    public async Task Impersonation_WhenAllowed_ActsAsTheOther()
    {
        (await admin.PostAsync($"{Rbac}/clusterroles", """{"metadata":{"name":"imp"},"rules":[{"apiGroups":[""],"resources":["serviceaccounts"],"verbs":["impersonate"]}]}""")).Expect(201);
        (await admin.PostAsync($"{Rbac}/clusterrolebindings", """{"metadata":{"name":"imp"},"roleRef":{"kind":"ClusterRole","name":"imp"},"subjects":[{"kind":"User","name":"gate"}]}""")).Expect(201);
        using var gate = ApiClient.As(cluster, "gate");
        gate.Headers.Add("Impersonate-User", "system:serviceaccount:default:default");
        var review = (await gate.PostAsync("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}")).Expect(201);
        Assert.Equal("system:serviceaccount:default:default", (string?)review["status.userInfo.username"]);
        Assert.Contains("system:serviceaccounts:default", review["status.userInfo.groups"]!.AsArray().Select(g => (string)g!));
        gate.Headers.Remove("Impersonate-User");
        gate.Headers.Add("Impersonate-User", "root");
        var refused = (await gate.GetAsync("/version")).Expect(403);
        Assert.Equal("users \"root\" is forbidden: User \"gate\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", refused.Message);
    }

    [Fact]
    public async Task Role_WhenItGivesMoreThanItsWriterHas_IsRefused()
    {
        (await admin.PostAsync($"{Rbac}/namespaces/default/rolebindings", """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"admin"},"subjects":[{"kind":"User","name":"local"}]}""")).Expect(201);
        using var local = ApiClient.As(cluster, "local");
        (await local.PostAsync($"{Rbac}/namespaces/default/roles", """{"metadata":{"name":"ok"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""")).Expect(201);
        var refused = (await local.PostAsync($"{Rbac}/namespaces/default/roles", """{"metadata":{"name":"no"},"rules":[{"apiGroups":[""],"resources":["nodes"],"verbs":["get"]}]}""")).Expect(403);
        Assert.Contains("is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"get\"]}", refused.Message);
        (await local.PostAsync($"{Rbac}/namespaces/default/rolebindings", """{"metadata":{"name":"c"},"roleRef":{"kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"kind":"User","name":"local"}]}""")).Expect(403);
        (await local.PostAsync($"{Rbac}/namespaces/default/rolebindings", """{"metadata":{"name":"d"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"User","name":"friend"}]}""")).Expect(201);
    }

    [Fact]
    public async Task View_WhenARoleAggregatesToIt_AllowsItToo()
    {
        (await admin.PostAsync($"{Rbac}/clusterrolebindings", """{"metadata":{"name":"v"},"roleRef":{"kind":"ClusterRole","name":"view"},"subjects":[{"kind":"Group","name":"viewers"}]}""")).Expect(201);
        const string Review = """{"spec":{"user":"x","groups":["viewers"],"resourceAttributes":{"group":"example.dev","resource":"toys","verb":"list","namespace":"default"}}}""";
        Assert.False((bool)(await admin.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", Review)).Expect(201)["status.allowed"]!);
        (await admin.PostAsync($"{Rbac}/clusterroles", """{"metadata":{"name":"toys","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"apiGroups":["example.dev"],"resources":["toys"],"verbs":["list"]}]}""")).Expect(201);
        Assert.True((bool)(await admin.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews", Review)).Expect(201)["status.allowed"]!);
    }
}
