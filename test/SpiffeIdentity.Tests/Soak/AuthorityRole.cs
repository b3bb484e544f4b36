namespace Castellan.SpiffeIdentity.Tests.Soak;

/// <summary>The authority with its Workload API, in a process that gets killed. Each line of its input rotates the signing CA.</summary>
internal static class AuthorityRole
{
    public static async Task RunAsync(SoakSettings settings)
    {
        var options = new AuthorityOptions
        {
            TrustDomain = SoakSettings.Domain,
            DataDirectory = settings.AuthorityFolder,
            X509SvidTtl = TimeSpan.FromSeconds(settings.TtlSeconds),
        };
        using var authority = await Authority.OpenAsync(options, CancellationToken.None);
        await using var server = await WorkloadApiServer.StartAsync(new() { SocketPath = settings.Socket }, authority, new Attestor(settings), null, CancellationToken.None);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is not null)
        {
            await authority.RotateSigningCaAsync(CancellationToken.None);
            Console.WriteLine("rotated");
        }
    }

    private sealed class Attestor(SoakSettings settings) : IWorkloadAttestor
    {
        public ValueTask<IReadOnlyList<WorkloadIdentity>> AttestAsync(WorkloadProcess process, CancellationToken ct) => ValueTask.FromResult<IReadOnlyList<WorkloadIdentity>>(
            settings.ProcessOf(process.Pid) is { } index ? [.. Enumerable.Range(0, settings.Identities).Select(i => new WorkloadIdentity(SoakSettings.Id(index, i), $"i{i}"))] : []);
    }
}
