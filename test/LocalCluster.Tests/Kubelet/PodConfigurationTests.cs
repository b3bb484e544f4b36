using System.Text;
using Castellan.KubeApi;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class PodConfigurationTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    private readonly RunningCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Pod_WhenVariablesComeFromElsewhere_SeesThem()
    {
        await _cluster.Kube.CreateAsync(new ConfigMap { Metadata = { Name = "env", Namespace = "default" }, Data = new Dictionary<string, string> { ["color"] = "blue", ["SIZE"] = "9" } });
        await _cluster.Kube.CreateAsync(new Secret { Metadata = { Name = "env", Namespace = "default" }, Data = new Dictionary<string, byte[]> { ["key"] = Encoding.UTF8.GetBytes("hush") } });

        var text = await OutputAsync("env", "echo $NAME $IP $COLOR $KEY $P_SIZE $GREETING $0; env | grep -c CASTELLAN", p => (p.Spec.Containers[0].EnvFrom, p.Spec.Containers[0].Env) = (
            [new EnvFromSource { Prefix = "P_", ConfigMapRef = new NameReference { Name = "env" } }],
            [
                Field("NAME", "metadata.name"), Field("IP", "status.podIP"),
                new EnvVar { Name = "COLOR", ValueFrom = new EnvVarSource { ConfigMapKeyRef = new KeySelector { Name = "env", Key = "color" } } },
                new EnvVar { Name = "KEY", ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = "env", Key = "key" } } },
                new EnvVar { Name = "GREETING", Value = "hi-$(NAME)" },
            ]));

        var pod = await _cluster.Kube.GetAsync<Pod>(new("default", "env"));
        Assert.Equal($"env {pod.Status!.PodIP} blue hush 9 hi-env /bin/sh\n0\n", text);
    }

    [Fact]
    public async Task Pod_WhenItHasVolumes_FindsThemUnderItsRoot()
    {
        await _cluster.Kube.CreateAsync(new ConfigMap { Metadata = { Name = "files", Namespace = "default" }, Data = new Dictionary<string, string> { ["a.txt"] = "A", ["b.txt"] = "B" } });

        var text = await OutputAsync("files", "cd $CONTAINER_SANDBOX_MOUNT_POINT; cat etc/all/a.txt etc/all/b.txt etc/one; cat etc/mixed/name; echo; wc -c < etc/mixed/token | tr -d ' ' | grep -qv '^0$' && echo token; ls -d $CONTAINER_SANDBOX_MOUNT_POINT/usr/share/doc >/dev/null && echo host", p =>
        {
            p.Spec.Volumes =
            [
                new Volume { Name = "all", ConfigMap = new ConfigMapVolume { Name = "files" } },
                new Volume { Name = "docs", HostPath = new HostPathVolume { Path = "/usr/share" } },
                new Volume
                {
                    Name = "mixed",
                    Projected = new ProjectedVolume
                    {
                        Sources =
                        [
                            new VolumeProjection { ServiceAccountToken = new TokenProjection { Path = "token", Audience = "castellan", ExpirationSeconds = 600 } },
                            new VolumeProjection { DownwardAPI = new DownwardApiVolume { Items = [new DownwardApiFile { Path = "name", FieldRef = new FieldSelector { FieldPath = "metadata.name" } }] } },
                        ],
                    },
                },
            ];
            p.Spec.Containers[0].VolumeMounts =
            [
                new VolumeMount { Name = "all", MountPath = "/etc/all" }, new VolumeMount { Name = "all", MountPath = "/etc/one", SubPath = "a.txt" },
                new VolumeMount { Name = "mixed", MountPath = "/etc/mixed" }, new VolumeMount { Name = "docs", MountPath = "/usr/share" },
            ];
        });

        Assert.Equal("ABAfiles\ntoken\nhost\n", text);
    }

    [Fact]
    public async Task Pod_WhenItMayUseTheApi_FindsTokenAuthorityAndNamespace()
    {
        var text = await OutputAsync("api", "cd $CONTAINER_SANDBOX_MOUNT_POINT/var/run/secrets/kubernetes.io/serviceaccount && cat namespace && head -1 ca.crt && curl -s --cacert ca.crt -H \"Authorization: Bearer $(cat token)\" https://$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT/api/v1/namespaces/default/pods | grep -o 'system:serviceaccount:default:default' | head -1",
            p => p.Spec.AutomountServiceAccountToken = true);

        Assert.Equal("default-----BEGIN CERTIFICATE-----\nsystem:serviceaccount:default:default\n", text);
    }

    [Fact]
    public async Task Pod_WhenAConfigMapIsMissing_SaysWhichAndStartsOnceItIsThere()
    {
        await _cluster.RunAsync("late", "echo $V; exec sleep 1000", p => p.Spec.Containers[0].Env =
            [new EnvVar { Name = "V", ValueFrom = new EnvVarSource { ConfigMapKeyRef = new KeySelector { Name = "late", Key = "v" } } }]);
        var waiting = await _cluster.UntilAsync<Pod>("late", p => p.Status?.ContainerStatuses?[0].State?.Waiting?.Reason == "CreateContainerConfigError");
        Assert.Equal("configmap \"late\" not found", waiting.Status!.ContainerStatuses![0].State!.Waiting!.Message);

        await _cluster.Kube.CreateAsync(new ConfigMap { Metadata = { Name = "late", Namespace = "default" }, Data = new Dictionary<string, string> { ["v"] = "1" } });

        await _cluster.UntilAsync<Pod>("late", p => p.Status?.ContainerStatuses?[0].State?.Running is not null);
    }

    [Fact]
    public async Task Pod_WhenWeAreRoot_RunsUnderAUidOfItsServiceAccount()
    {
        if (!Castellan.LocalCluster.Kubelet.Processes.Posix.IsRoot) return; // without root all pods share our uid, by design
        await _cluster.Kube.CreateAsync(new ServiceAccount { Metadata = { Name = "other", Namespace = "default" } });

        var first = await OutputAsync("uid-a", "id -u; grep NoNewPrivs /proc/self/status; touch $HOME/mine && echo own");
        var second = await OutputAsync("uid-b", "id -u", p => p.Spec.ServiceAccountName = "other");

        Assert.EndsWith("NoNewPrivs:\t1\nown\n", first, StringComparison.Ordinal);
        Assert.NotEqual(first.Split('\n')[0], second.Trim());
        Assert.NotEqual("0", second.Trim());
    }

    private async Task<string> OutputAsync(string name, string script, Action<Pod>? change = null)
    {
        var pod = await _cluster.RunAsync(name, script, p =>
        {
            p.Spec.RestartPolicy = "Never";
            change?.Invoke(p);
        });
        await _cluster.UntilAsync<Pod>(name, p => p.Status?.Phase is "Succeeded" or "Failed");
        return await _cluster.Kube.ReadLogsAsync(pod.Key);
    }

    private static EnvVar Field(string name, string path) => new() { Name = name, ValueFrom = new EnvVarSource { FieldRef = new FieldSelector { FieldPath = path } } };
}
