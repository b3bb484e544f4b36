using System.Text.Json.Nodes;

namespace Castellan.LocalCluster.Discovery;

/// <summary>The Kubernetes version whose API this server speaks.</summary>
internal static class ServerVersion
{
    public const string Major = "1";
    public const string Minor = "32";
    public const string GitVersion = "v1.32.0+castellan";

    public static JsonObject ToJson() => new()
    {
        ["major"] = Major, ["minor"] = Minor, ["gitVersion"] = GitVersion, ["gitCommit"] = "", ["gitTreeState"] = "clean",
        ["buildDate"] = "2026-01-01T00:00:00Z", ["goVersion"] = "", ["compiler"] = "dotnet", ["platform"] = "linux/amd64",
    };
}
