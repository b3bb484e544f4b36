namespace Castellan.EndToEnd.Tests;

public sealed class CorruptStateTests
{
    [Fact]
    public async Task Up_WhenAStateFileIsDamaged_NamesTheFileAndDeletesNothing()
    {
        await using var system = await LocalSystem.StartAsync();
        (await system.RunAsync("down")).MustSucceed();
        var journal = Directory.EnumerateFiles(Path.Combine(system.State, "cluster"), "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).Length > 4096).OrderBy(f => f.Length).First();
        var bytes = await File.ReadAllBytesAsync(journal);
        Random.Shared.NextBytes(bytes.AsSpan(bytes.Length / 2, 512));
        await File.WriteAllBytesAsync(journal, bytes);

        var answer = (await system.RunAsync("up", "-d", "--api-port", "0", "--gateway-port", "0")).Must(1);
        Assert.Contains(journal, answer.Errors, StringComparison.Ordinal);
        Assert.True(File.Exists(journal));
    }
}
