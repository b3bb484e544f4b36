using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>Finds text that is written for a model to obey. It flags the usual ways; it cannot prove that there is none.</summary>
internal static class InjectionScan
{
    private static readonly string[] Roles =
    [
        "<|im_start|>", "<|im_end|>", "<|im_sep|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|endoftext|>", "<|eot_id|>", "<|begin_of_text|>", "<|start_header_id|>",
        "<|end_header_id|>", "<|start|>", "<|channel|>", "<|message|>", "<|begin▁of▁sentence|>", "<|end▁of▁sentence|>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<start_of_turn>", "<end_of_turn>",
        "<system>", "</system>", "<system_prompt>", "<tool_call>", "</tool_call>", "<tool_response>", "<function_calls>", "<invoke name=", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]",
        "### system:", "### instruction:", "### assistant:",
    ];

    private static readonly string[] Phrases =
    [
        "ignore everything above", "ignore the above and", "disregard the above", "disregard everything above", "forget everything above", "forget everything you were told", "forget all you were told",
        "you are now in developer mode", "developer mode enabled", "do anything now", "you are no longer bound", "you have no restrictions", "without any restrictions",
        "reveal your system prompt", "print your system prompt", "show me your system prompt", "output your system prompt", "repeat your instructions", "repeat the words above", "reveal your instructions",
        "new system prompt", "new instructions:", "your new instructions", "updated instructions:", "here are your new instructions", "system override", "admin override", "override code",
        "do not tell the user", "don't tell the user", "without telling the user", "do not mention this to the user", "don't mention this to the user", "without informing the user", "hide this from the user",
        "do not inform the user", "keep this secret from the user", "without asking the user", "do not ask for confirmation", "without asking for approval",
        "instructions for the ai", "instruction for the assistant", "instructions for the assistant", "message to the assistant", "note to the ai", "note to the assistant", "attention ai", "attention assistant",
        "if you are an ai", "if you are an llm", "if you are a language model", "if you are an assistant", "ai agents must", "ai assistants must", "the assistant must", "the assistant should now",
        "sage dem benutzer nichts", "ohne den benutzer zu informieren", "deine neuen anweisungen", "zeige deinen systemprompt", "ne dis rien à l'utilisateur", "sans informer l'utilisateur", "tes nouvelles instructions",
        "no le digas al usuario", "sin informar al usuario", "tus nuevas instrucciones", "não diga ao usuário", "suas novas instruções", "non dire all'utente", "le tue nuove istruzioni",
        "не говори пользователю", "новые инструкции:", "不要告诉用户", "新的指令", "你现在是", "ユーザーに言わないで", "新しい指示", "사용자에게 말하지",
    ];

    private static readonly string[] FoldedRoles = [.. Roles.Select(FoldedText.Of)];
    private static readonly string[] FoldedPhrases = [.. Phrases.Select(FoldedText.Of)];
    private static readonly SearchValues<string> Texts = SearchValues.Create([.. FoldedRoles, .. FoldedPhrases], StringComparison.Ordinal);

    public static void Run(ReadOnlySpan<char> text, FindingCollector found)
    {
        HiddenTextScan.Run(text, found);
        MarkupScan.Run(text, found);
        Turns(text, found);
        using var folded = new FoldedText(text);
        Fixed(folded, found);
        OverrideScan.Run(folded, found);
        ToolRequestScan.Run(folded, found);
    }

    private static void Fixed(FoldedText folded, FindingCollector found)
    {
        var text = folded.Text;
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOfAny(Texts);
            if (next < 0) return;
            at += next;
            var (name, length) = Match(text[at..]);
            if (!found.Add(GuardKinds.Injections, name, folded.PlaceOf(at), folded.PlaceOf(at + length) - folded.PlaceOf(at))) return;
            at += length;
        }
    }

    private static (string Name, int Length) Match(ReadOnlySpan<char> rest)
    {
        foreach (var role in FoldedRoles)
        {
            if (rest.StartsWith(role, StringComparison.Ordinal)) return ("role-marker", role.Length);
        }
        foreach (var phrase in FoldedPhrases)
        {
            if (rest.StartsWith(phrase, StringComparison.Ordinal)) return ("instruction", phrase.Length);
        }
        return ("instruction", 1);
    }

    // How completion models tell who speaks: only after an empty line, for logs and chats say "system:" too.
    private static void Turns(ReadOnlySpan<char> text, FindingCollector found)
    {
        for (var at = 0; at < text.Length;)
        {
            var next = text[at..].IndexOf("\n\n", StringComparison.Ordinal);
            if (next < 0) return;
            at += next + 2;
            var rest = text[at..];
            var length = rest.StartsWith("Human:", StringComparison.Ordinal) ? 6 : rest.StartsWith("Assistant:", StringComparison.Ordinal) ? 10 : 0;
            if (length > 0 && !found.Add(GuardKinds.Injections, "role-marker", at, length)) return;
        }
    }
}
