using System.Diagnostics;
using Castellan.Testing;
using Xunit.Abstractions;

namespace Castellan.SpiffeIdentity.Tests.Soak;

/// <summary>Many workloads shake hands all the time while SVIDs are renewed, the CA rotates and the authority is killed: none fails.</summary>
public sealed class IdentitySoakTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("soak-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public Task Handshakes_WhenTheAuthorityRotatesAndIsKilled_NeverFail() =>
        RunAsync(new(_folder, Processes: 3, Identities: 5, TtlSeconds: 120, PaceMilliseconds: 20), TimeSpan.Zero);

    [Fact]
    [Trait("tier", "soak")]
    public Task Handshakes_WhenTwoThousandIdentitiesLiveTwentySeconds_NeverFail() =>
        RunAsync(new(_folder, Processes: 50, Identities: 40, TtlSeconds: 20, PaceMilliseconds: 2000), TimeSpan.FromMinutes(10));

    private async Task RunAsync(SoakSettings settings, TimeSpan duration)
    {
        settings.Write();
        var program = typeof(SoakSettings).Assembly;
        using var limit = new CancellationTokenSource(duration + TimeSpan.FromMinutes(5));
        await using var authority = ChildProcess.Start(program, "authority", _folder);
        await authority.ReadyAsync(limit.Token);
        var workloads = new List<ChildProcess>();
        try
        {
            for (var i = 0; i < settings.Processes; i++)
            {
                workloads.Add(ChildProcess.Start(program, "workload", _folder, i.ToString()));
                settings.Register(workloads[i].Pid, i);
                await workloads[i].TellAsync("registered");
                await workloads[i].ReadyAsync(limit.Token); // one after the other: fifty runtimes that start at once would starve the authority
            }

            var watch = Stopwatch.StartNew();
            await DisturbAsync(authority, workloads, duration, limit.Token);
            await TellAsync(workloads, "stop");
            var handshakes = 0;
            foreach (var workload in workloads)
            {
                handshakes += int.Parse((await workload.ReadAsync(limit.Token)).Split(' ')[1]);
            }

            output.WriteLine($"{settings.Processes * settings.Identities} identities in {settings.Processes} processes, {watch.Elapsed.TotalSeconds:0} s, {authority.Kills} kills of the authority: {handshakes} handshakes, none failed");
            Assert.True(handshakes >= settings.Processes * 10, $"{handshakes} handshakes");
        }
        finally
        {
            foreach (var workload in workloads)
            {
                await workload.DisposeAsync();
            }
        }
    }

    /// <summary>Rotates the CA and kills the authority, again and again until the time is over, but each at least once.</summary>
    private static async Task DisturbAsync(ChildProcess authority, List<ChildProcess> workloads, TimeSpan duration, CancellationToken ct)
    {
        var watch = Stopwatch.StartNew();
        do
        {
            await RotateAsync(authority, workloads, ct);
            await authority.KillAsync();
            await authority.ReadyAsync(ct);
            await RotateAsync(authority, workloads, ct); // they have found the new process
            var pause = duration - watch.Elapsed < TimeSpan.FromMinutes(1) ? duration - watch.Elapsed : TimeSpan.FromMinutes(1);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, ct);
            }
        }
        while (watch.Elapsed < duration);
    }

    private static async Task RotateAsync(ChildProcess authority, List<ChildProcess> workloads, CancellationToken ct)
    {
        await TellAsync(workloads, "tell of the next");
        await ExpectAsync(workloads, "listening", ct);
        await authority.TellAsync("rotate");
        Assert.Equal("rotated", await authority.ReadAsync(ct));
        await ExpectAsync(workloads, "renewed", ct);
    }

    private static async Task ExpectAsync(List<ChildProcess> processes, string line, CancellationToken ct)
    {
        foreach (var process in processes)
        {
            Assert.Equal(line, await process.ReadAsync(ct));
        }
    }

    private static async Task TellAsync(List<ChildProcess> processes, string line)
    {
        foreach (var process in processes)
        {
            await process.TellAsync(line);
        }
    }
}
