namespace Castellan.SpiffeIdentity.Tests.Ids;

/// <summary>The case list of the SPIFFE-ID standard; numbers as in the list.</summary>
public sealed class SpiffeIdTests
{
    private static readonly TrustDomain s_domain = TrustDomain.Parse("example.org");

    public static TheoryData<string> Valid => new()
    {
        "spiffe://example.org", "spiffe://example.org/a", "spiffe://example.org/ns/prod/sa/web", "spiffe://example.org/A_b-C.9", "spiffe://a/b",
        "spiffe://1.2.3.4/x", "spiffe://trust_domain-1.example/x", "spiffe://example.org/...", "spiffe://example.org/.a", "spiffe://example.org/..a",
        "spiffe://example.org/a..", "spiffe://-._/x", "spiffe://.../x",
        "spiffe://example.org/" + new string('a', 2048 - "spiffe://example.org/".Length), // 14
        "spiffe://" + new string('a', 255) + "/x", // 15
    };

    public static TheoryData<string, SpiffeIdFault> Invalid => new()
    {
        { "", SpiffeIdFault.Empty }, // 16
        { "spiffe", SpiffeIdFault.WrongScheme },
        { "spiffe:", SpiffeIdFault.WrongScheme },
        { "spiffe:/", SpiffeIdFault.WrongScheme },
        { "spiffe:/example.org/a", SpiffeIdFault.WrongScheme }, // 20
        { "spiffe://", SpiffeIdFault.MissingTrustDomain },
        { "spiffe:///a", SpiffeIdFault.MissingTrustDomain },
        { "Spiffe://example.org/a", SpiffeIdFault.WrongScheme },
        { "SPIFFE://example.org/a", SpiffeIdFault.WrongScheme },
        { "http://example.org/a", SpiffeIdFault.WrongScheme },
        { "//example.org/a", SpiffeIdFault.WrongScheme },
        { "example.org/a", SpiffeIdFault.WrongScheme },
        { " spiffe://example.org/a", SpiffeIdFault.WrongScheme },
        { "spiffe://example.org/a ", SpiffeIdFault.BadPathCharacter },
        { "spiffe://Example.org/a", SpiffeIdFault.UpperCaseTrustDomain }, // 30
        { "spiffe://example.org:8080/a", SpiffeIdFault.HasPort },
        { "spiffe://user@example.org/a", SpiffeIdFault.HasUserInfo },
        { "spiffe://user:pw@example.org/a", SpiffeIdFault.HasUserInfo },
        { "spiffe://[::1]/a", SpiffeIdFault.BadTrustDomainCharacter },
        { "spiffe://exa%6dple.org/a", SpiffeIdFault.PercentEncoded },
        { "spiffe://exämple.org/a", SpiffeIdFault.BadTrustDomainCharacter },
        { "spiffe://example.org~/a", SpiffeIdFault.BadTrustDomainCharacter },
        { "spiffe://exa mple.org/a", SpiffeIdFault.BadTrustDomainCharacter },
        { "spiffe://example.org\\a", SpiffeIdFault.BadTrustDomainCharacter },
        { "spiffe://example.org*/a", SpiffeIdFault.BadTrustDomainCharacter }, // 40
        { "spiffe://example.org/", SpiffeIdFault.TrailingSlash },
        { "spiffe://example.org//", SpiffeIdFault.EmptySegment },
        { "spiffe://example.org//a", SpiffeIdFault.EmptySegment },
        { "spiffe://example.org/a/", SpiffeIdFault.TrailingSlash },
        { "spiffe://example.org/a//b", SpiffeIdFault.EmptySegment },
        { "spiffe://example.org/.", SpiffeIdFault.DotSegment },
        { "spiffe://example.org/..", SpiffeIdFault.DotSegment },
        { "spiffe://example.org/./a", SpiffeIdFault.DotSegment },
        { "spiffe://example.org/a/../b", SpiffeIdFault.DotSegment },
        { "spiffe://example.org/a/.", SpiffeIdFault.DotSegment }, // 50
        { "spiffe://example.org/a%2Fb", SpiffeIdFault.PercentEncoded },
        { "spiffe://example.org/%61", SpiffeIdFault.PercentEncoded },
        { "spiffe://example.org/a?q=1", SpiffeIdFault.HasQuery },
        { "spiffe://example.org/a#f", SpiffeIdFault.HasFragment },
        { "spiffe://example.org?q", SpiffeIdFault.HasQuery },
        { "spiffe://example.org#f", SpiffeIdFault.HasFragment },
        { "spiffe://example.org/a:b", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/a@b", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/a~b", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/a+b", SpiffeIdFault.BadPathCharacter }, // 60
        { "spiffe://example.org/a b", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/é", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/a\0", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/a\n", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/a;b=c", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/$x", SpiffeIdFault.BadPathCharacter },
        { "spiffe://example.org/" + new string('a', 2049 - "spiffe://example.org/".Length), SpiffeIdFault.TooLong }, // 67
        { "spiffe://" + new string('a', 256), SpiffeIdFault.TrustDomainTooLong },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public void Parse_WhenValid_KeepsEveryByte(string text)
    {
        var id = SpiffeId.Parse(text);
        Assert.Equal(text, id.ToString());
        Assert.Equal(text, "spiffe://" + id.TrustDomain + id.Path);
        Assert.Equal(id, SpiffeId.Parse(text));
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Parse_WhenInvalid_NamesTheFault(string text, SpiffeIdFault fault)
    {
        Assert.Equal(fault, Assert.Throws<SpiffeIdException>(() => SpiffeId.Parse(text)).Fault);
        Assert.False(SpiffeId.TryParse(text, out _));
    }

    [Theory]
    [InlineData("spiffe://example.org?q=u@h:1", SpiffeIdFault.HasQuery)] // what stands behind the question mark is query, whatever it holds
    [InlineData("spiffe://@example.org/a", SpiffeIdFault.HasUserInfo)]
    [InlineData("spiffe://example.org:/a", SpiffeIdFault.HasPort)]
    [InlineData("spiffe://example.org/a/%2e%2e/b", SpiffeIdFault.PercentEncoded)]
    public void Parse_WhenSeveralRulesAreBroken_NamesTheFirst(string text, SpiffeIdFault fault) =>
        Assert.Equal(fault, Assert.Throws<SpiffeIdException>(() => SpiffeId.Parse(text)).Fault);

    [Fact]
    public void Fault_EachHasAMessageOfItsOwnWithARemedy()
    {
        var messages = Enum.GetValues<SpiffeIdFault>().Select(f => new SpiffeIdException(f, "x").Message).ToList();
        Assert.Equal(messages.Count, messages.Distinct().Count());
        Assert.All(messages.Skip(1), m => Assert.Contains(";", m));
    }

    [Fact]
    public void Parse_ForEveryCodePoint_TakesExactlyTheTwoSets()
    {
        for (var c = '\0'; c <= 255; c++)
        {
            var isPath = char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';
            var isDomain = isPath && !char.IsAsciiLetterUpper(c);
            Assert.Equal(isDomain, TrustDomain.TryParse("x" + c, out _));
            Assert.Equal(isDomain, SpiffeId.TryParse($"spiffe://x{c}/a", out var inDomain) && inDomain.TrustDomain.Name == "x" + c);
            Assert.Equal(isPath, SpiffeId.TryParse("spiffe://x/a" + c, out _));
            Assert.Equal(isPath || c == '/', SpiffeId.TryParse($"spiffe://x/a{c}b", out _)); // a slash there begins another segment
        }
    }

    [Fact]
    public void TryParse_WhenNull_IsFalse()
    {
        Assert.False(SpiffeId.TryParse(null, out _));
        Assert.False(TrustDomain.TryParse(null, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/foo")]
    [InlineData("$")]
    [InlineData("..")]
    public void FromSegments_WhenSegmentIsBad_Throws(string segment) =>
        Assert.Throws<SpiffeIdException>(() => SpiffeId.FromSegments(s_domain, "a", segment));

    [Fact]
    public void FromSegments_WhenTooLong_IsNotProduced() =>
        Assert.Equal(SpiffeIdFault.TooLong, Assert.Throws<SpiffeIdException>(() => SpiffeId.FromSegments(s_domain, new string('a', 2048))).Fault);

    [Fact]
    public void FromSegments_WhenThereAreNone_HasNoPath() => Assert.Equal(s_domain.Id, SpiffeId.FromSegments(s_domain));

    [Theory]
    [InlineData("a", SpiffeIdFault.NoLeadingSlash)]
    [InlineData("/", SpiffeIdFault.TrailingSlash)]
    public void FromPath_WhenBad_NamesTheFault(string path, SpiffeIdFault fault) =>
        Assert.Equal(fault, Assert.Throws<SpiffeIdException>(() => SpiffeId.FromPath(s_domain, path)).Fault);

    [Fact]
    public void ServiceAccount_RoundTrips()
    {
        var id = SpiffeId.ForServiceAccount(s_domain, "default", "agent-triage");
        Assert.Equal("spiffe://example.org/ns/default/sa/agent-triage", id.ToString());
        Assert.True(id.TryGetServiceAccount(out var ns, out var name));
        Assert.Equal(("default", "agent-triage"), (ns, name));
        Assert.False(SpiffeId.Parse("spiffe://example.org/ns/default/sa/a/b").TryGetServiceAccount(out _, out _));
    }
}
