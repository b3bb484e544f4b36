using System.Security.Cryptography;
using System.Text;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Workflows;

/// <summary>The API tokens of a sidecar: each chooses a hub, and nothing of the others is seen through it.</summary>
internal static class SidecarToken
{
    /// <summary>Environment variable in which Dapr's clients look for their token.</summary>
    public const string Variable = "DAPR_API_TOKEN";

    /// <summary>The hub of a token that names none.</summary>
    public const string DefaultHub = "default";

    private const int Bytes = 32;

    /// <summary>A token nobody can guess.</summary>
    public static string Make() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));

    /// <summary>The token a client sends: from a file, else from the environment; null for none.</summary>
    /// <exception cref="CommandFailure">The file holds no token.</exception>
    public static string? OfClient(string? file) =>
        file is null ? Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? given.Trim() : null : ReadFile(file).First().Token;

    /// <summary>Reads a file of tokens: a line for each, <c>TOKEN</c> or <c>HUB TOKEN</c>; lines that begin with # are skipped.</summary>
    /// <exception cref="CommandFailure">The file is missing, or a line is none of these.</exception>
    public static IReadOnlyList<(string Hub, string Token)> ReadFile(string file)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"the token file {file} cannot be read: {e.Message}", "give a file with the token in it", inner: e);
        }
        var tokens = new List<(string Hub, string Token)>();
        foreach (var (words, number) in lines.Select((line, i) => (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), i + 1)).Where(l => l.Item1.Length > 0 && l.Item1[0][0] != '#'))
        {
            tokens.Add(words switch
            {
                [var token] => (DefaultHub, token),
                [var hub, var token] => (hub, token),
                _ => throw new CommandFailure($"line {number} of the token file {file} has {words.Length} words", "write TOKEN or HUB TOKEN on a line"),
            });
        }
        return tokens.Count > 0 ? tokens : throw new CommandFailure($"the token file {file} holds no token", "write TOKEN or HUB TOKEN on a line");
    }

    /// <summary>What is kept of a token: enough to recognise it, and compared in constant time.</summary>
    public static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
