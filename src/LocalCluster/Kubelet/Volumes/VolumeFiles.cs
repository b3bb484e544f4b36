using Castellan.LocalCluster.Kubelet.Processes;

namespace Castellan.LocalCluster.Kubelet.Volumes;

/// <summary>One file of a volume.</summary>
/// <param name="Path">Relative path.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits; 0644 when null.</param>
internal sealed record VolumeFile(string Path, byte[] Content, int? Mode);

/// <summary>Writes a volume's files so that a reader sees each old or new, never half.</summary>
internal static class VolumeFiles
{
    private const int DefaultMode = 0b110_100_100;
    private const int ReadBits = 0b100_100_100;

    public static async Task WriteAsync(string folder, IEnumerable<VolumeFile> files, int? uid)
    {
        Folders.Make(folder, Folders.Readable);
        foreach (var file in files)
        {
            var path = Path.GetFullPath(Path.Combine(folder, file.Path));
            if (!path.StartsWith(folder + "/", StringComparison.Ordinal)) throw new VolumeException(Path.GetFileName(folder), $"path {file.Path} leaves the volume");
            if (Path.GetDirectoryName(path) is { } inner && inner != folder) Folders.Make(inner, Folders.Readable);
            var next = path + ".new";
            await using (var stream = new FileStream(next, new FileStreamOptions
            {
                Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                await stream.WriteAsync(file.Content);
            }
            // With uids of their own the account's group reads what root owns, and others never do: the sandbox above is closed to them.
            if (uid is { } gid)
            {
                Posix.OwnByGroup(next, gid);
                File.SetUnixFileMode(next, (UnixFileMode)(0b110_100_000 & ((file.Mode ?? DefaultMode) | 0b100_000)));
            }
            else
            {
                File.SetUnixFileMode(next, (UnixFileMode)((file.Mode ?? DefaultMode) & (ReadBits | 0b010_000_000)));
            }
            File.Move(next, path, overwrite: true);
        }
    }
}

/// <summary>A volume cannot be set up yet; it is tried again.</summary>
internal sealed class VolumeException(string volume, string problem) : Exception($"MountVolume.SetUp failed for volume \"{volume}\" : {problem}");
