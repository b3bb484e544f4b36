using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>
/// Finds demands to set aside what the model was told before: a verb, what was before, and what it was, close together. Word by word, so
/// that it does not matter how they are arranged, and in the languages that attacks are seen in.
/// </summary>
internal static class OverrideScan
{
    private const int Window = 110;
    private const int NearWindow = 24;
    private const int MostWords = 12;

    // Beginnings of words, of languages that part words by spaces and put the verb first.
    private static readonly string[] Verbs = Folded(
        "ignor disregard forget overrid bypass neglect circumvent vergiss vergessen missacht oubli néglige olvid omite esquec esqueç desconsider dimentic trascur negeer vergeet zignoruj pomiń zapomnij игнорир проигнорир забуд glöm");

    private static readonly string[] Befores = Folded(
        "previous prior above earlier preceding all any your everything former system initial original vorherig bisherig obig alle deine précédent tous toutes tes vos anterior todas todos tus sus seus suas precedent tutte vorige eerdere alle poprzedni wszystki предыдущ прежн все выше твои tidigare");

    private static readonly string[] Objects = Folded(
        "instruction prompt rule direction guideline directive safeguard restriction constraint anweisung instruktion vorgabe regeln systemprompt consigne règle instruccion indicacion regla instruç orientaç istruzion regol indicazion instructie opdracht instrukcj polece инструкц указан правил команд");

    // Texts, where words are not parted, or the verb comes last.
    private static readonly string[] CloseVerbs = Folded("忽略,无视,無視,忘记,忘記,忘れ,不要理会,무시,잊어,yoksay,gormezden gel,unut,abaikan,lupakan,تجاهل,انس ,अनदेखा,bỏ qua", ',');
    private static readonly string[] CloseBefores = Folded("之前,以前,以上,先前,上述,前面,所有,今まで,これまで,上記,すべて,이전,위의,모든,önceki,tüm,sebelumnya,semua,السابقة,पिछले,सभी,trước", ',');
    private static readonly string[] CloseObjects = Folded("指令,指示,提示,说明,說明,説明,規則,规则,命令,プロンプト,지시,명령,프롬프트,talimat,komut,instruksi,perintah,تعليمات,निर्देश,hướng dẫn", ',');

    private static readonly SearchValues<string> Starts = SearchValues.Create([.. Verbs, .. CloseVerbs], StringComparison.Ordinal);
    private static readonly SearchValues<string> BeforeNear = SearchValues.Create(CloseBefores, StringComparison.Ordinal);
    private static readonly SearchValues<string> ObjectNear = SearchValues.Create(CloseObjects, StringComparison.Ordinal);
    private static readonly SearchValues<char> SentenceEnds = SearchValues.Create(".!?;");

    public static void Run(FoldedText folded, FindingCollector found)
    {
        var text = folded.Text;
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Starts);
            if (next < 0) return;
            at += next;
            var (start, end) = BeginsWord(text, at) && EndOfDemand(text, at) is > 0 and var spaced ? (at, spaced) : Near(text, at);
            if (end > at && !found.Add(GuardKinds.Injections, "instruction-override", folded.PlaceOf(start), folded.PlaceOf(end) - folded.PlaceOf(start))) return;
            at = Math.Max(at + 1, end);
        }
    }

    // "ignore all of the previous instructions": what was before stands near what it was, and both soon after the verb.
    private static int EndOfDemand(ReadOnlySpan<char> text, int at)
    {
        var window = text.Slice(at, Math.Min(Window, text.Length - at));
        var stop = window.IndexOfAny(SentenceEnds);
        if (stop >= 0) window = window[..stop];
        var (word, before, thing, end) = (0, -1, -1, 0);
        for (var i = 0; i < window.Length && word < MostWords; word++)
        {
            var space = window[i..].IndexOf(' ');
            var length = space < 0 ? window.Length - i : space;
            var one = window.Slice(i, length);
            if (word > 0 && IsBefore(one)) before = word;
            if (word > 0 && StartsWithAny(one, Objects)) thing = word;
            end = i + length;
            if (before > 0 && thing > 0 && Math.Abs(before - thing) <= 3) return Math.Min(before, thing) <= 5 ? at + end : -1;
            i = end + 1;
        }
        return -1;
    }

    private static (int Start, int End) Near(ReadOnlySpan<char> text, int at)
    {
        if (!StartsWithAny(text[at..], CloseVerbs)) return default;
        var start = Math.Max(0, at - NearWindow);
        var around = text[start..Math.Min(text.Length, at + NearWindow)];
        return around.ContainsAny(BeforeNear) && around.ContainsAny(ObjectNear) ? (start, start + around.Length) : default;
    }

    // Short ones are whole words: "all" is not "allow".
    private static bool IsBefore(ReadOnlySpan<char> word)
    {
        foreach (var beginning in Befores)
        {
            if (word.StartsWith(beginning, StringComparison.Ordinal) && (beginning.Length > 4 || word.Length == beginning.Length)) return true;
        }
        return false;
    }

    private static bool BeginsWord(ReadOnlySpan<char> text, int at) => at == 0 || !char.IsLetterOrDigit(text[at - 1]);

    private static bool StartsWithAny(ReadOnlySpan<char> text, string[] beginnings)
    {
        foreach (var beginning in beginnings)
        {
            if (text.StartsWith(beginning, StringComparison.Ordinal)) return true;
        }
        return false;
    }

    private static string[] Folded(string words, char separator = ' ') => [.. words.Split(separator).Select(FoldedText.Of).Where(w => w.Length > 0).Distinct()];
}
