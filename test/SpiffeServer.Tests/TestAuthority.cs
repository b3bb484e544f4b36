using Castellan.SpiffeIdentity;
using Microsoft.Extensions.Logging.Abstractions;

namespace Castellan.SpiffeServer.Tests;

/// <summary>An authority as a process would run it, in a folder of its own.</summary>
internal static class TestAuthority
{
    public static readonly SpiffeId Gateway = SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/gateway");

    public static readonly SpiffeId Self = SpiffeId.Parse("spiffe://castellan.local/ns/castellan-system/sa/spiffe-server");

    public static Task<SpiffeServerHost> StartAsync(SpiffeServerOptions options, TimeProvider? clock = null)
    {
        options.TrustDomain = "castellan.local";
        options.DataDirectory = Path.Combine(Directory.CreateTempSubdirectory("authority").FullName, "data");
        return SpiffeServerHost.StartAsync(options, NullLoggerFactory.Instance, clock ?? TimeProvider.System, default);
    }
}
