using System.Text;
using Castellan.LocalCluster.Kubelet;
using Castellan.LocalCluster.Kubelet.Logs;
using Castellan.LocalCluster.Pods;

namespace Castellan.LocalCluster.Tests.Kubelet;

public sealed class PodLogsTests : IDisposable
{
    private static readonly PodLogQuery Query = new("default", "p", "uid", "app");
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-logs-").FullName;
    private readonly PodLogs _logs;

    public PodLogsTests() => _logs = new PodLogs(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Read_WhenLogWasRotated_JoinsTheParts()
    {
        using var log = Open(0, fileBytes: 200);
        await WriteAsync(log, string.Concat(Enumerable.Range(0, 12).Select(i => $"line {i}\n")));

        Assert.Equal(string.Concat(Enumerable.Range(0, 12).Select(i => $"line {i}\n")), await ReadAsync(Query));
        Assert.Equal("line 10\nline 11\n", await ReadAsync(Query with { TailLines = 2 }));
        Assert.True(log.Rotations > 0);
    }

    [Fact]
    public async Task Read_WhenOldPartsAreBeyondTheLimit_HasOnlyTheNewer()
    {
        using var log = Open(0, fileBytes: 100, files: 2);
        await WriteAsync(log, string.Concat(Enumerable.Range(0, 40).Select(i => $"line {i}\n")));

        var text = await ReadAsync(Query);

        Assert.EndsWith("line 39\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("line 0\n", text, StringComparison.Ordinal);
        Assert.True(Directory.GetFiles(PodFolder.Of(_folder, "uid").LogFolder("app")).Length <= 2);
    }

    [Fact]
    public async Task Read_WhenLineIsLongerThanAPart_GivesItWhole()
    {
        using var log = Open(0);
        var line = new string('x', 50_000);
        await WriteAsync(log, line + "\nshort\n");

        Assert.Equal(line + "\nshort\n", await ReadAsync(Query));
    }

    [Fact]
    public async Task Read_WhenFollowing_SeesWhatComesThroughRotationsUntilTheEnd()
    {
        var log = Open(0, fileBytes: 150);
        _logs.Opened(log);
        await WriteAsync(log, "before\n");
        var following = ReadAsync(Query with { Follow = true });
        for (var i = 0; i < 20; i++) await WriteAsync(log, $"line {i}\n");
        log.Dispose();
        _logs.Closed(log);

        Assert.Equal("before\n" + string.Concat(Enumerable.Range(0, 20).Select(i => $"line {i}\n")), await following.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Read_WhenBytesAreLimited_Stops()
    {
        using var log = Open(0);
        await WriteAsync(log, "one\ntwo\n");

        Assert.Equal("one\ntw", await ReadAsync(Query with { LimitBytes = 6 }));
        Assert.Matches("^\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z one\n", await ReadAsync(Query with { Timestamps = true }));
    }

    [Fact]
    public async Task Read_WhenContainerRunsAgain_PreviousIsTheStartBefore()
    {
        using (var first = Open(0)) await WriteAsync(first, "first\n");
        var second = Open(1);
        _logs.Opened(second);
        await WriteAsync(second, "second\n");

        Assert.Equal("first\n", await ReadAsync(Query with { Previous = true }));
        second.Dispose();
        _logs.Closed(second);
        Assert.Equal("second\n", await ReadAsync(Query with { Previous = true })); // it waits for its restart: the last end is the previous start
        Assert.Equal("second\n", await ReadAsync(Query));
    }

    [Fact]
    public async Task Read_WhenThereIsNoLog_SaysSo() => await Assert.ThrowsAsync<PodLogUnavailableException>(() => ReadAsync(Query));

    private ContainerLog Open(int restart, long fileBytes = 1 << 20, int files = 100) => new(
        PodFolder.Of(_folder, "uid").Log("app", restart), new KubeletOptions { PodsDirectory = _folder, LogFileBytes = fileBytes, LogFiles = files }, TimeProvider.System);

    private static Task WriteAsync(ContainerLog log, string text) => log.PumpAsync(new MemoryStream(Encoding.UTF8.GetBytes(text)), "stdout", CancellationToken.None);

    private async Task<string> ReadAsync(PodLogQuery query)
    {
        var text = new StringBuilder();
        await foreach (var chunk in _logs.ReadAsync(query, CancellationToken.None)) text.Append(Encoding.UTF8.GetString(chunk.Span));
        return text.ToString();
    }
}
