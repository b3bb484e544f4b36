using System.Text.RegularExpressions;
using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Kubectl;

public sealed class KubectlTests : IAsyncLifetime
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - {name: web, image: 'busybox:1.36', env: [{name: A, value: "1"}, {name: B, value: "2"}]}
        """;

    private TestCluster cluster = null!;
    private KubectlShell kubectl = null!;

    public async Task InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        kubectl = new KubectlShell(cluster);
    }

    public async Task DisposeAsync()
    {
        kubectl.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Apply_WhenManifestChanges_MergesByKeys()
    {
        Assert.Equal("deployment.apps/web created", await TextAsync("apply -f -", Web));
        Assert.Equal("deployment.apps/web unchanged", await TextAsync("apply -f -", Web));
        Assert.Equal("deployment.apps/web configured", await TextAsync("apply -f -", Web.Replace("name: B", "name: C")));
        Assert.Equal("A C", await TextAsync("get deploy web -o 'jsonpath={.spec.template.spec.containers[0].env[*].name}'"));
        Assert.Equal("deployment.apps/web serverside-applied", await TextAsync("apply --server-side -f -", Web.Replace("name: B", "name: C")));
        var conflict = await kubectl.RunAsync("apply --server-side --field-manager=other -f -", Web.Replace("1.36", "1.37"));
        Assert.Contains("conflict with", conflict.Error.Replace("conflicts with", "conflict with"));
        Assert.Contains(".spec.template.spec.containers[name=\"web\"].image", conflict.Error);
    }

    [Fact]
    public async Task Apply_WhenAFieldIsUnknownOrWrong_SaysWhich()
    {
        var unknown = await kubectl.RunAsync("apply -f -", Web.Replace("image:", "imagee: x, image:"));
        Assert.Contains("strict decoding error: unknown field \"spec.template.spec.containers[0].imagee\"", unknown.Error);
        var wrong = await kubectl.RunAsync("apply -f -", Web.Replace("spec:\n  selector", "spec:\n  replicas: many\n  selector"));
        Assert.Contains("json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32", wrong.Error);
        var missing = await kubectl.RunAsync("apply -f -", Web.Replace("image: 'busybox:1.36',", ""));
        Assert.Contains("spec.template.spec.containers[0].image: Required value", missing.Error);
    }

    [Fact]
    public async Task Verbs_OfEveryDay_Work()
    {
        Assert.Equal("namespace/shop created", await TextAsync("create namespace shop"));
        Assert.Equal("deployment.apps/web created", await TextAsync("-n shop create deployment web --image=busybox:1.36 --replicas=2"));
        Assert.Equal("service/web exposed", await TextAsync("-n shop expose deployment web --port=80"));
        Assert.Matches(@"NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nweb +0/2 +0 +0 +0s", await TextAsync("-n shop get deploy"));
        Assert.Matches(@"web +ClusterIP +127\.\d+\.\d+\.\d+ +<none> +80/TCP", await TextAsync("-n shop get svc"));
        Assert.Equal("deployment.apps/web scaled", await TextAsync("-n shop scale deploy web --replicas=3"));
        Assert.Equal("deployment.apps/web image updated", await TextAsync("-n shop set image deploy/web busybox=busybox:1.37"));
        Assert.Equal("deployment.apps/web restarted", await TextAsync("-n shop rollout restart deploy web"));
        Assert.Equal("deployment.apps/web labeled", await TextAsync("-n shop label deploy web tier=front"));
        Assert.Equal("deployment.apps/web annotated", await TextAsync("-n shop annotate deploy web note=x"));
        Assert.Equal("deployment.apps/web patched", await TextAsync("-n shop patch deploy web -p '{\"spec\":{\"paused\":true}}'"));
        Assert.Contains("Replicas:               3 desired", await TextAsync("-n shop describe deploy web"));
        Assert.Equal("configmap/c created", await TextAsync("-n shop create configmap c --from-literal=k=v"));
        Assert.Equal("secret/s created", await TextAsync("-n shop create secret generic s --from-literal=k=v"));
        Assert.Equal("dg==", await TextAsync("-n shop get secret s -o 'jsonpath={.data.k}'"));
        Assert.Matches(@"^eyJ[\w-]+\.[\w-]+\.[\w-]+$", await TextAsync("-n shop create token default"));
        Assert.Equal("namespace \"shop\" deleted", await TextAsync("delete namespace shop"));
        Assert.Contains("namespaces \"shop\" not found", (await kubectl.RunAsync("get namespace shop")).Error);
    }

    [Fact]
    public async Task Discovery_ShowsKindsAndTheirFields()
    {
        Assert.Matches(@"deployments +deploy +apps/v1 +true +Deployment", await TextAsync("api-resources"));
        Assert.Contains("Replicas", await TextAsync("explain deployment.spec --recursive"), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("enum: Recreate, RollingUpdate", await TextAsync("explain deployment.spec.strategy"));
        Assert.Contains("admin", await TextAsync("auth whoami"));
        Assert.Equal("yes", await TextAsync("auth can-i create pods"));
        Assert.Equal("ok", await TextAsync("get --raw /readyz"));
        using var viewer = new KubectlShell(cluster, "you", "castellan:viewers");
        Assert.Equal("no", (await viewer.RunAsync("auth can-i create pods")).Text.Trim());
        Assert.Contains("User \"you\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", (await viewer.RunAsync("get pods")).Error);
    }

    [Fact]
    public async Task Watch_ShowsChangesAsTheyCome()
    {
        (await kubectl.RunAsync("create configmap a --from-literal=k=v")).Succeeded();
        await foreach (var line in kubectl.LinesAsync("get configmap -w"))
        {
            if (Regex.IsMatch(line, "^a +1 ")) (await kubectl.RunAsync("patch configmap a -p '{\"data\":{\"l\":\"w\"}}'")).Succeeded();
            if (Regex.IsMatch(line, "^a +2 ")) return;
        }
        Assert.Fail("the watch ended before the change came");
    }

    private async Task<string> TextAsync(string arguments, string? input = null) => (await kubectl.RunAsync(arguments, input)).Succeeded().Text.Trim();
}
