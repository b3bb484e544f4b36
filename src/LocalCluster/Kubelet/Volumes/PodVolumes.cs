using System.Text;
using Castellan.KubeApi;
using Castellan.KubeApi.Access;
using Castellan.KubeApi.Core;
using Castellan.KubeClient;
using Castellan.LocalCluster.Kubelet.Pods;

namespace Castellan.LocalCluster.Kubelet.Volumes;

/// <summary>Writes a pod's volumes as folders and makes them appear under each container's root.</summary>
internal sealed class PodVolumes(NodeContext node, Pod pod, ContainerEnvironment fields, int? uid)
{
    /// <summary>Name of the volume that gives a pod the API, when its spec has none.</summary>
    public const string ApiAccess = "kube-api-access";
    private const long DefaultTokenSeconds = 3600;
    private readonly PodFolder _folder = PodFolder.Of(node.Options.PodsDirectory, pod.Metadata.Uid!);

    /// <summary>When the first token in the volumes should be asked for again; null without tokens.</summary>
    public DateTimeOffset? RenewAt { get; private set; }

    /// <summary>Writes all volumes, anew where they exist; an emptyDir keeps its content.</summary>
    /// <exception cref="VolumeException">A source is missing; the message is the kubelet's.</exception>
    public async Task WriteAsync(CancellationToken ct)
    {
        RenewAt = null;
        foreach (var volume in pod.Spec.Volumes ?? []) await WriteAsync(volume, ct);
        if (await WantsApiAccessAsync(ct)) await WriteFilesAsync(ApiAccess, await ApiAccessFilesAsync(ct));
    }

    /// <summary>Lets the volumes appear in a container, as links: process pods have no mounts of their own.</summary>
    public void Link(Container container)
    {
        var root = _folder.ContainerRoot(container.Name);
        var mounts = (container.VolumeMounts ?? []).ToList();
        if (Directory.Exists(_folder.Volume(ApiAccess)) && mounts.TrueForAll(m => m.MountPath != KubeConfig.ServiceAccountFolder))
            mounts.Add(new VolumeMount { Name = ApiAccess, MountPath = KubeConfig.ServiceAccountFolder });
        foreach (var mount in mounts.OrderBy(m => m.MountPath.Length))
        {
            var source = Source(mount);
            // A folder of this machine mounted at its own path is there already; where another mount leaves it no place, that is enough.
            if (source == mount.MountPath && mounts.Exists(m => mount.MountPath.StartsWith(m.MountPath.TrimEnd('/') + "/", StringComparison.Ordinal))) continue;
            Link(root, mount.MountPath, source, mount.Name);
        }
        var message = (container.TerminationMessagePath ?? "/dev/termination-log").TrimEnd('/');
        if (mounts.TrueForAll(m => m.MountPath.TrimEnd('/') != message)) Link(root, message, _folder.TerminationLog(container.Name), "termination-log");
    }

    private static void Link(string root, string mountPath, string target, string volume)
    {
        var link = Path.GetFullPath(Path.Combine(root, mountPath.TrimStart('/')));
        if (!link.StartsWith(root + "/", StringComparison.Ordinal)) throw new VolumeException(volume, $"mountPath {mountPath} leaves the container");
        var folder = root;
        foreach (var part in Path.GetRelativePath(root, Path.GetDirectoryName(link)!).Split('/').Where(p => p != "."))
        {
            folder = Path.Combine(folder, part);
            // Through a link we would write into a volume, which a pod may own.
            if (new FileInfo(folder).LinkTarget is not null)
                throw new VolumeException(volume, $"mountPath {mountPath} lies inside another mount, which a local cluster cannot do; mount it beside");
            Folders.Make(folder, Folders.Readable);
        }
        if (Directory.Exists(link) && new DirectoryInfo(link).LinkTarget is null) throw new VolumeException(volume, $"another mount lies below mountPath {mountPath}");
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    }

    private string Source(VolumeMount mount)
    {
        var volume = pod.Spec.Volumes?.FirstOrDefault(v => v.Name == mount.Name);
        if (volume is null && mount.Name != ApiAccess) throw new VolumeException(mount.Name, $"the pod has no volume \"{mount.Name}\"");
        var target = volume?.HostPath?.Path ?? _folder.Volume(mount.Name);
        if (mount.SubPath is not { Length: > 0 } sub) return target;
        var inner = Path.GetFullPath(Path.Combine(target, sub));
        if (!inner.StartsWith(target + "/", StringComparison.Ordinal)) throw new VolumeException(mount.Name, $"subPath {sub} leaves the volume");
        return inner;
    }

    private async Task WriteAsync(Volume volume, CancellationToken ct)
    {
        switch (volume)
        {
            case { HostPath: { } host }:
                if (host.Type == "DirectoryOrCreate") Directory.CreateDirectory(host.Path);
                else if (!Path.Exists(host.Path)) throw new VolumeException(volume.Name, $"hostPath type check failed: {host.Path} does not exist");
                break;
            case { ConfigMap: { } config }:
                await WriteFilesAsync(volume.Name, await ConfigFilesAsync(volume.Name, config, config.DefaultMode, ct));
                break;
            case { Secret: { } secret }:
                await WriteFilesAsync(volume.Name, await SecretFilesAsync(volume.Name, secret.SecretName ?? "", (secret.Items, secret.DefaultMode, secret.Optional), ct));
                break;
            case { DownwardAPI: { } downward }:
                await WriteFilesAsync(volume.Name, FieldFiles(downward));
                break;
            case { Projected: { } projected }:
                var files = new List<VolumeFile>();
                foreach (var source in projected.Sources ?? []) files.AddRange(await ProjectAsync(volume.Name, source, projected.DefaultMode, ct));
                await WriteFilesAsync(volume.Name, files);
                break;
            case { EmptyDir: not null }:
                Folders.MakeFor(uid, _folder.Volume(volume.Name));
                break;
            default:
                throw new VolumeException(volume.Name, "this kind of volume is not available on a local cluster; use configMap, secret, emptyDir, projected, downwardAPI or hostPath");
        }
    }

    private async Task<IEnumerable<VolumeFile>> ProjectAsync(string volume, VolumeProjection source, int? mode, CancellationToken ct) => source switch
    {
        { ServiceAccountToken: { } token } => [await TokenFileAsync(token, ct)],
        { ConfigMap: { } config } => await ConfigFilesAsync(volume, config, mode, ct),
        { Secret: { } secret } => await SecretFilesAsync(volume, secret.Name, (secret.Items, mode, secret.Optional), ct),
        { DownwardAPI: { } downward } => FieldFiles(downward),
        _ => throw new VolumeException(volume, "a projected source must be serviceAccountToken, configMap, secret or downwardAPI"),
    };

    private async Task<IEnumerable<VolumeFile>> ConfigFilesAsync(string volume, ConfigMapVolume source, int? mode, CancellationToken ct)
    {
        var map = await node.Kube.FindAsync<ConfigMap>(Named(source.Name), ct);
        if (map is null && source.Optional is not true) throw new VolumeException(volume, $"configmap \"{source.Name}\" not found");
        var content = (map?.Data ?? new Dictionary<string, string>()).ToDictionary(d => d.Key, d => Encoding.UTF8.GetBytes(d.Value));
        foreach (var (key, bytes) in map?.BinaryData ?? new Dictionary<string, byte[]>()) content[key] = bytes;
        return Pick(volume, $"configmap {Named(source.Name)}", content, (source.Items, mode, source.Optional));
    }

    private async Task<IEnumerable<VolumeFile>> SecretFilesAsync(
        string volume, string name, (IList<KeyToPath>? Items, int? Mode, bool? Optional) how, CancellationToken ct)
    {
        var secret = await node.Kube.FindAsync<Secret>(Named(name), ct);
        if (secret is null && how.Optional is not true) throw new VolumeException(volume, $"secret \"{name}\" not found");
        return Pick(volume, $"secret {Named(name)}", secret?.Data ?? new Dictionary<string, byte[]>(), how);
    }

    private static IEnumerable<VolumeFile> Pick(
        string volume, string source, IDictionary<string, byte[]> content, (IList<KeyToPath>? Items, int? Mode, bool? Optional) how)
    {
        if (how.Items is null) return content.Select(c => new VolumeFile(c.Key, c.Value, how.Mode));
        return how.Items.Where(i => content.ContainsKey(i.Key) || (how.Optional is not true
                ? throw new VolumeException(volume, $"{source} references non-existent key: {i.Key}") : false))
            .Select(i => new VolumeFile(i.Path, content[i.Key], i.Mode ?? how.Mode)).ToList();
    }

    private IEnumerable<VolumeFile> FieldFiles(DownwardApiVolume source) =>
        (source.Items ?? []).Select(i => new VolumeFile(i.Path, Encoding.UTF8.GetBytes(fields.Field(i.FieldRef?.FieldPath ?? "")), i.Mode)).ToList();

    private async Task<VolumeFile> TokenFileAsync(TokenProjection projection, CancellationToken ct)
    {
        var seconds = projection.ExpirationSeconds ?? DefaultTokenSeconds;
        var request = await node.Kube.CreateTokenAsync(Named(pod.Spec.ServiceAccountName ?? "default"), new TokenRequestSpec
        {
            Audiences = projection.Audience is { Length: > 0 } audience ? [audience] : [],
            ExpirationSeconds = seconds,
            BoundObjectRef = new BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Metadata.Name, Uid = pod.Metadata.Uid },
        }, ct);
        // The real kubelet asks again at 80% of the lifetime.
        var now = node.Time.GetUtcNow();
        var ends = request.Status?.ExpirationTimestamp is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : now.AddSeconds(seconds);
        var renew = now + ((ends - now) * 0.8);
        if (RenewAt is null || renew < RenewAt) RenewAt = renew;
        return new VolumeFile(projection.Path, Encoding.UTF8.GetBytes(request.Status?.Token ?? ""), 0b110_000_000);
    }

    private async Task<bool> WantsApiAccessAsync(CancellationToken ct)
    {
        var mounts = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).SelectMany(c => c.VolumeMounts ?? []);
        if (pod.Spec.AutomountServiceAccountToken is false || mounts.Any(m => m.MountPath == KubeConfig.ServiceAccountFolder)) return false;
        if (pod.Spec.AutomountServiceAccountToken is true) return true;
        var account = await node.Kube.FindAsync<ServiceAccount>(Named(pod.Spec.ServiceAccountName ?? "default"), ct);
        return account is not null && account.AutomountServiceAccountToken is not false;
    }

    private async Task<IEnumerable<VolumeFile>> ApiAccessFilesAsync(CancellationToken ct)
    {
        var authorities = node.Kube.Config.CertificateAuthorities?.ExportCertificatePems() ?? "";
        return
        [
            await TokenFileAsync(new TokenProjection { Path = "token", ExpirationSeconds = 3607 }, ct),
            new VolumeFile("ca.crt", Encoding.UTF8.GetBytes(authorities), null),
            new VolumeFile("namespace", Encoding.UTF8.GetBytes(pod.Metadata.Namespace!), null),
        ];
    }

    private async Task WriteFilesAsync(string volume, IEnumerable<VolumeFile> files) => await VolumeFiles.WriteAsync(_folder.Volume(volume), files, uid);

    private NamespacedName Named(string name) => new(pod.Metadata.Namespace!, name);
}
