namespace Castellan.Policy.Tests.Tools;

public sealed class InvisibleTextTests
{
    [Theory]
    [InlineData("Lists pods.\n\t- by namespace\r\n", null)]
    [InlineData("Zeigt Größe, 数量 και цена — “quoted” …", null)]
    [InlineData("⚠️ deletes; 👩‍🚀 1️⃣ ✔️ ©️", null)]
    [InlineData("Lists pods.\u200B", "U+200B")]
    [InlineData("Lists\u202Epods", "U+202E")]
    [InlineData("Lists pods\U000E0041\U000E0042", "U+E0041")]
    [InlineData("Lists\u00ADpods", "U+00AD")]
    [InlineData("\uFEFFLists pods", "U+FEFF")]
    [InlineData("a\u200Db", "U+200D")]
    [InlineData("a\uFE0F", "U+FE0F")]
    [InlineData("⚠\uFE0F\uFE0F", "U+FE0F")]
    [InlineData("😀\U000E0101", "U+E0101")]
    [InlineData("x\u3164y", "U+3164")]
    [InlineData("bell\u0007", "U+0007")]
    [InlineData("\u001B[31mred", "U+001B")]
    [InlineData("line\u2028break", "U+2028")]
    [InlineData("private\uE000", "U+E000")]
    public void FirstOf_WhenTextHasCharactersThatNobodySees_NamesTheFirst(string text, string? expected) => Assert.Equal(expected, InvisibleText.FirstOf(text));

    [Theory]
    [InlineData("delete_pod", null)]
    [InlineData("delete pod", null)]
    [InlineData("delete\npod", "U+000A")]
    [InlineData("delete\u00A0pod", "U+00A0")]
    public void FirstOf_WhenTheTextIsAName_AllowsNeitherLineBreaksNorUnusualSpaces(string name, string? expected) => Assert.Equal(expected, InvisibleText.FirstOf(name, isName: true));

    [Fact]
    public void Show_WhenTextHasCharactersThatNobodySees_WritesThemOut()
    {
        Assert.Equal("ok⟨U+E0041⟩⟨U+200B⟩!", InvisibleText.Show("ok\U000E0041\u200B!"));
        Assert.Equal("⚠️ plain", InvisibleText.Show("⚠️ plain"));
        Assert.Equal(2, InvisibleText.Count("ok\U000E0041\u200B!"));
    }

    [Fact]
    public void FirstOf_WhenTextIsHalfASurrogatePair_DoesNotFail() => Assert.Null(InvisibleText.FirstOf("a\uD800"));
}
