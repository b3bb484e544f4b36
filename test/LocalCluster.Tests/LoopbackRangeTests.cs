namespace Castellan.LocalCluster.Tests;

public sealed class LoopbackRangeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("castellan-range-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Claim_WhenTwoClustersRun_GivesEachItsOwnRange()
    {
        using var first = LoopbackRange.Claim(Path.Combine(_folder, "a"));
        using var second = LoopbackRange.Claim(Path.Combine(_folder, "b"));

        Assert.NotEqual(first.PodPrefix, second.PodPrefix);
        Assert.NotEqual(first.ServicePrefix, second.ServicePrefix);
    }

    [Fact]
    public void Claim_WhenAClusterStartsAgain_GivesItTheRangeItHad()
    {
        string had;
        using (var before = LoopbackRange.Claim(Path.Combine(_folder, "a")))
        {
            had = before.ServiceCidr;
        }

        using var again = LoopbackRange.Claim(Path.Combine(_folder, "a"));
        Assert.Equal(had, again.ServiceCidr);
    }

    [Fact]
    public void Claim_WhenTheRangeIsInUse_SaysBy()
    {
        using var running = LoopbackRange.Claim(Path.Combine(_folder, "a"));
        var error = Assert.Throws<IOException>(() => LoopbackRange.Claim(Path.Combine(_folder, "a")));
        Assert.Contains("it runs already, or another local cluster took them", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Claim_WhenTheFileIsGarbage_TakesAFreeRange()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "a"));
        File.WriteAllText(Path.Combine(_folder, "a", "address-range"), "seven");
        using var range = LoopbackRange.Claim(Path.Combine(_folder, "a"));
        Assert.StartsWith("127.", range.PodCidr, StringComparison.Ordinal);
    }
}
