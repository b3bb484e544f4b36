using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Castellan.Policy;

/// <summary>
/// What a name looks like: names that a person or a model may take for each other have the same skeleton. Letters that look like Latin
/// ones become those; case, accents, separators and invisible characters go.
/// </summary>
/// <remarks>
/// Source: Unicode Technical Standard 39, section 4, with a small table of our own in place of the whole: the letters of other scripts that can
/// spell the names of tools, small capitals, and the digits that pass for letters.
/// </remarks>
public static class NameSkeleton
{
    // Pairs of what is read and what it is taken for.
    private const string Lookalikes =
        "аaвbсcԁdеeгrһhіlјjкkӏlмmнhоoпnрpԛqѕsтtуyүyѵvԝwхxьb" // Cyrillic
        + "αaβbγyεeηnιlκkνvοoρpσoςcτtυuχxωwμuϲcϳj" // Greek
        + "օoոnսuհhցgզqաwռnյjլlքp" // Armenian
        + "ᴀaʙbᴄcᴅdᴇeꜰfɢgʜhɪlᴊjᴋkʟlᴍmɴnᴏoᴘpꞯqʀrꜱsᴛtᴜuᴠvᴡwʏyᴢz" // Latin small capitals
        + "ɑaƅbɓbƈcɗdđdɡgħhılɩlɨlłlŀlɾrøoƽsŧtʋv" // other Latin
        + "0o1lil5s|l!l";

    // The letters that stay of U+00C0 to U+024F and U+1E00 to U+1EFF without their accents; a hyphen where the table above knows better.
    private const string FirstAccented =
        "aaaaaa-ceeeeiiii-nooooo--uuuuy--aaaaaa-ceeeeiiii-nooooo--uuuuy-yaaaaaaccccccccdd--eeeeeeeeeegggggggghh--iiiiiiiii---jjkk-llllll----nnnnnn---"
        + "oooooo--rrrrrrsssssssstttt--uuuuuuuuuuuuwwyyyzzzzzzs--------------------------------oo-------------uu----------------------------aaiioouuuuu"
        + "uuuuu-aaaa----ggkkoooo--j---gg--nnaa----aaaaeeeeiiiioooorrrruuuusstt--hh------aaeeooooooooyy----------------------------";

    private const string SecondAccented =
        "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
        + "wwwwwwwwwwxxxxyyzzzzzzhtwy-s----aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy------";

    private static readonly FrozenDictionary<char, char> Latin = Table();

    /// <summary>The skeleton of a name; empty for a name of separators alone.</summary>
    public static string Of(string name)
    {
        var skeleton = new StringBuilder(name.Length);
        foreach (var c in Plain(name).ToLowerInvariant())
        {
            var looks = Latin.GetValueOrDefault(c, c);
            if (char.IsLetterOrDigit(looks) || char.IsSurrogate(looks) || char.IsSymbol(looks))
            {
                skeleton.Append(looks);
            }
        }

        return skeleton.Replace("rn", "m").Replace("vv", "w").ToString();
    }

    /// <summary>The scripts of a name that mixes Latin letters with those of a script that has the same shapes; null for an honest one.</summary>
    public static string? MixedScripts(string name)
    {
        var scripts = Plain(name).Where(char.IsLetter).Select(ScriptOf).Distinct().ToList();
        return scripts.Contains("Latin") && scripts.FirstOrDefault(s => s is not ("Latin" or "")) is { } other ? $"Latin and {other}" : null;
    }

    // Full width, mathematical, circled and accented letters fall back to plain ones. Unicode's own decomposition would do, but programs that
    // run without its tables do not have it.
    private static string Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            plain.Append(PlainOf(rune));
        }

        return plain.ToString();
    }

    private static string PlainOf(Rune rune) => rune.Value switch
    {
        >= 0xFF01 and <= 0xFF5E => Ascii(rune.Value - 0xFEE0),
        >= 0x1D400 and <= 0x1D6A3 => Ascii((rune.Value - 0x1D400) % 52 is < 26 and var upper ? 'A' + upper : 'a' + ((rune.Value - 0x1D400) % 52) - 26),
        >= 0x1D7CE and <= 0x1D7FF => Ascii('0' + ((rune.Value - 0x1D7CE) % 10)),
        >= 0x24B6 and <= 0x24CF => Ascii('A' + rune.Value - 0x24B6),
        >= 0x24D0 and <= 0x24E9 => Ascii('a' + rune.Value - 0x24D0),
        >= 0x00C0 and < 0x0250 when FirstAccented[rune.Value - 0x00C0] is not '-' and var letter => letter.ToString(),
        >= 0x1E00 and < 0x1F00 when SecondAccented[rune.Value - 0x1E00] is not '-' and var letter => letter.ToString(),
        0x0451 => "e",
        0x0457 => "l",
        _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.Format => "",
        _ => rune.ToString(),
    };

    private static string Ascii(int code) => ((char)code).ToString();

    private static string ScriptOf(char letter) => letter switch
    {
        < '\u0250' or (>= '\u1D00' and < '\u1D80') or (>= '\u1E00' and < '\u1F00') => "Latin",
        (>= '\u0370' and < '\u0400') or (>= '\u1F00' and < '\u2000') => "Greek",
        >= '\u0400' and < '\u0530' => "Cyrillic",
        >= '\u0530' and < '\u0590' => "Armenian",
        (>= '\u13A0' and < '\u1400') or (>= '\uAB70' and < '\uABC0') => "Cherokee",
        _ => "",
    };

    private static FrozenDictionary<char, char> Table()
    {
        var table = new Dictionary<char, char>();
        for (var i = 0; i < Lookalikes.Length; i += 2)
        {
            table[Lookalikes[i]] = Lookalikes[i + 1];
        }

        return table.ToFrozenDictionary();
    }
}
