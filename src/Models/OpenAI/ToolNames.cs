using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.AI;

namespace Castellan.Models.OpenAI;

/// <summary>Function names that chat completions accept (letters, digits, <c>_</c> and <c>-</c>, at most 64), and back.</summary>
internal sealed class ToolNames
{
    private readonly Dictionary<string, string> _originals = new(StringComparer.Ordinal);

    public ToolNames(IEnumerable<AITool>? tools)
    {
        foreach (var tool in tools ?? []) _originals[ToWire(tool.Name)] = tool.Name;
    }

    public static string ToWire(string name)
    {
        var plain = string.Create(name.Length, name, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsAsciiLetterOrDigit(source[i]) || source[i] is '_' or '-' ? source[i] : '_';
        });
        if (plain == name && name.Length <= 64) return name;
        // The digest keeps names apart that look alike once they are cut or cleaned.
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
        return $"{plain[..Math.Min(plain.Length, 55)]}_{digest}";
    }

    public string FromWire(string name) => _originals.GetValueOrDefault(name, name);
}
