using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Castellan.Policy;

/// <summary>The digest by which an approval names the arguments that it is about.</summary>
public static class ArgumentDigest
{
    /// <summary>SHA-256 over the canonical form of the JSON (RFC 8785: sorted members, no blanks).</summary>
    /// <returns><c>sha256:</c> and 64 hex digits.</returns>
    /// <exception cref="FormatException">The JSON has no canonical form: a member comes twice, or a text or number is invalid.</exception>
    public static string Of(JsonElement json) =>
        $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson.Write(json))))}";
}
