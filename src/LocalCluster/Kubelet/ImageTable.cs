using Castellan.KubeApi.Core;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>Finds the program for a container: from the table of images, or the container's own command on this machine.</summary>
internal static class ImageTable
{
    /// <summary>The program and its first arguments, and what to tell about where it comes from; null if the image is unknown and there is no command.</summary>
    public static (ImageCommand Command, string Told)? Find(IReadOnlyDictionary<string, ImageCommand> images, Container container)
    {
        var image = container.Image ?? "";
        if (container.Command is { Count: > 0 } command)
        {
            var program = command[0];
            return (new ImageCommand(program, [.. command.Skip(1)], images.GetValueOrDefault(NameOf(image))?.Environment),
                $"Container image \"{image}\" is not pulled: the command \"{program}\" runs on this machine");
        }
        return images.TryGetValue(NameOf(image), out var known) ? (known, $"Container image \"{image}\" already present on machine") : null;
    }

    /// <summary>The image's name without tag and digest.</summary>
    public static string NameOf(string image)
    {
        var digest = image.IndexOf('@');
        if (digest >= 0) image = image[..digest];
        var tag = image.LastIndexOf(':');
        return tag > image.LastIndexOf('/') ? image[..tag] : image;
    }
}
