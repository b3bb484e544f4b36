namespace Castellan.McpServers.Cluster.Rendering;

/// <summary>Keeps an answer readable for a model: about four characters are a token.</summary>
internal static class TextBudget
{
    public const int StandardCharacters = 16_000;

    /// <summary>The text, or its beginning and its end with a note of what is missing between.</summary>
    public static string Fit(string text, string howToGetTheRest, int characters = StandardCharacters)
    {
        if (text.Length <= characters) return text;
        var (head, tail) = (characters * 2 / 3, characters / 3);
        return $"{text[..head]}\n… {text.Length - head - tail} characters left out; {howToGetTheRest} …\n{text[^tail..]}";
    }
}
