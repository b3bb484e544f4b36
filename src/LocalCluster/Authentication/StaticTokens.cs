using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Pki;

namespace Castellan.LocalCluster.Authentication;

/// <summary>Bearer tokens for people, as in kube-apiserver's static token file, except that only their hashes are stored.</summary>
internal sealed class StaticTokens
{
    private readonly Lock gate = new();
    private readonly string file;
    private Dictionary<string, Entry> byHash;

    private StaticTokens(string file, Dictionary<string, Entry> byHash) => (this.file, this.byHash) = (file, byHash);

    /// <exception cref="InvalidDataException">The file is not what this class writes.</exception>
    public static StaticTokens Open(string file)
    {
        if (!File.Exists(file)) return new StaticTokens(file, []);
        try
        {
            return new StaticTokens(file, JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllBytes(file), JsonSerializerOptions.Web) ?? []);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{file} is not a token file ({e.Message}); restore it, or delete it and issue tokens anew", e);
        }
    }

    /// <summary>A new token for a user; earlier ones stay valid.</summary>
    public string Create(string user, IEnumerable<string> groups)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        lock (gate)
        {
            var next = new Dictionary<string, Entry>(byHash) { [Hash(token)] = new Entry(user, [.. groups]) };
            PrivateFiles.Write(file, JsonSerializer.Serialize(next, new JsonSerializerOptions(JsonSerializerOptions.Web) { Encoder = JsonObjects.Compact.Encoder }));
            byHash = next;
        }
        return token;
    }

    public UserInfo? Find(string token) => byHash.GetValueOrDefault(Hash(token)) is { } entry ? UserInfo.Of(entry.User, entry.Groups) : null;

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed record Entry(string User, string[] Groups);
}
