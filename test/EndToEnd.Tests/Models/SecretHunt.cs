using System.Text;

namespace Castellan.EndToEnd.Tests.Models;

/// <summary>Looks for a secret where it must not be.</summary>
internal sealed class SecretHunt(string secret)
{
    private readonly byte[][] _forms = [Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)))];

    /// <summary>Processes that have it in their environment.</summary>
    public HashSet<int> InEnvironments() => Processes("environ");

    /// <summary>Processes that have it among their arguments.</summary>
    public HashSet<int> InArguments() => Processes("cmdline");

    /// <summary>Files below a folder that hold it, plainly or in base64.</summary>
    public List<string> InFiles(string folder, Func<string, bool> but) =>
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(f => !but(f) && Holds(f))];

    /// <summary>Whether a text holds it.</summary>
    public bool In(string text) => Holds(Encoding.UTF8.GetBytes(text));

    private HashSet<int> Processes(string file) =>
        [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(n => int.TryParse(n, out _)).Select(n => int.Parse(n!, System.Globalization.CultureInfo.InvariantCulture))
            .Where(pid => Holds($"/proc/{pid}/{file}"))];

    private bool Holds(string file)
    {
        try
        {
            return Holds(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone meanwhile, a socket, or another user's
        }
    }

    private bool Holds(byte[] content) => _forms.Any(form => content.AsSpan().IndexOf(form) >= 0);
}
