namespace Castellan.Policy.Tests.Tools;

public sealed class ImitationSearchTests
{
    private static readonly DateTimeOffset First = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("delete_pod", "dеlete_pod")] // Cyrillic ie
    [InlineData("delete_pod", "Delete-Pod")]
    [InlineData("delete_pod", "deletePod")]
    [InlineData("delete_pod", "delete.pod")]
    [InlineData("delete_pod", "de1ete_p0d")]
    [InlineData("delete_pod", "delete_pod\u200B")]
    [InlineData("delete_pod", "délete_pod")]
    [InlineData("delete_pod", "ｄelete_pod")] // full width
    [InlineData("delete_pod", "𝐝elete_pod")] // mathematical bold
    [InlineData("scale", "ѕсаlе")]
    [InlineData("turn_off", "tum_off")]
    [InlineData("view", "vievv")]
    [InlineData("list", "Iist")]
    [InlineData("kill", "κill")]
    public void Find_WhenANameReadsLikeAnother_FlagsTheLaterOne(string honest, string imitation)
    {
        var found = ImitationSearch.Find([Tool("evil", imitation, 1), Tool("ops", honest)]);
        Assert.All(found, f => Assert.Equal(("evil", imitation), (f.Tool.Server, f.Tool.Name)));
        Assert.Contains(found, f => f.Finding == $"reads like '{honest}' of ops");
    }

    [Theory]
    [InlineData("get_pods", "set_pods", false)] // seven letters
    [InlineData("list_pods", "list_nodes", false)]
    [InlineData("delete_pod", "delete_pods", true)]
    [InlineData("delete_pod", "delte_pod", true)]
    [InlineData("delete_pod", "delete_pad", true)]
    [InlineData("delete_pod", "deleet_pod", false)]
    public void Find_WhenLongNamesAreOneLetterApart_FlagsTheLaterOne(string honest, string near, bool expected) =>
        Assert.Equal(expected ? [$"is one letter away from '{honest}' of ops"] : [], ImitationSearch.Find([Tool("ops", honest), Tool("evil", near, 1)]).Select(f => f.Finding));

    [Fact]
    public void Find_WhenNamesOfOneServerAreOneLetterApart_FlagsNone() => Assert.Empty(ImitationSearch.Find([Tool("ops", "delete_pod"), Tool("ops", "delete_pods")]));

    [Fact]
    public void Find_WhenOneServerHasTwoNamesThatReadAlike_FlagsTheOneInForeignLetters() =>
        Assert.Equal(["ѕcale", "ѕcale"], ImitationSearch.Find([Tool("ops", "ѕcale"), Tool("ops", "scale")]).Select(f => f.Tool.Name));

    [Fact]
    public void Find_WhenAnotherServerHasTheSameName_FlagsItOnlyIfTheDefinitionIsAnother()
    {
        Assert.Empty(ImitationSearch.Find([Tool("ops", "restart"), Tool("ops2", "restart", 1)]));
        var other = Assert.Single(ImitationSearch.Find([Tool("ops", "restart"), Tool("evil", "restart", 1) with { Digest = "sha256:2" }]));
        Assert.Equal(("evil", "has the name of a tool of ops with another definition"), (other.Tool.Server, other.Finding));
    }

    [Fact]
    public void Find_WhenOneIsCastellansOwn_FlagsTheOtherHoweverOld()
    {
        var found = Assert.Single(ImitationSearch.Find([Tool("cluster", "delete", 5) with { IsOwn = true, Digest = "sha256:2" }, Tool("evil", "delete")]));
        Assert.Equal("evil", found.Tool.Server);
    }

    [Fact]
    public void Find_WhenANameMixesScripts_FlagsItEvenWithoutAnother() =>
        Assert.Equal("mixes Latin and Cyrillic letters in its name", Assert.Single(ImitationSearch.Find([Tool("ops", "rеstart")])).Finding);

    [Fact]
    public void Find_WhenThereAreManyTools_StaysQuick() =>
        Assert.Equal(0, ImitationSearch.Find(Enumerable.Range(0, 2_000).Select(i => Tool($"s{i % 20}", $"{(char)('a' + (i % 26))}x{i * 7919 % 100_000:x}{i:x4}qz{i * 31:x6}"))).Count(f => f.Finding.StartsWith("mixes", StringComparison.Ordinal)));

    private static NamedTool Tool(string server, string name, int later = 0) => new(server, name, "sha256:1", First.AddSeconds(later));
}
