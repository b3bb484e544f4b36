using System.Buffers;

namespace Castellan.Policy.Guards;

/// <summary>A token that says by its first letters whose it is.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Prefix">How it begins.</param>
/// <param name="Set">What follows is made of.</param>
/// <param name="Least">Fewest characters that follow.</param>
/// <param name="IsExact">Whether no more may follow.</param>
/// <remarks>Sources: the issuers' pages on token formats, and the patterns that they register with GitHub's secret scanning.</remarks>
internal sealed record TokenFormat(string Name, string Prefix, SearchValues<char> Set, int Least, bool IsExact = false)
{
    public static IReadOnlyList<TokenFormat> All { get; } = [.. Declared().OrderByDescending(f => f.Prefix.Length)];

    /// <summary>Where the token ends that begins at <paramref name="at"/>; -1 when there is none.</summary>
    public int EndOf(ReadOnlySpan<char> text, int at)
    {
        var from = at + Prefix.Length;
        // One more than needed shows whether it goes on; only what is accepted is read to its end.
        var run = Charset.Run(text, from, Set, Least + 1);
        if (run < Least) return -1;
        if (IsExact) return run == Least && Charset.Ends(text, from + run) ? from + run : -1;
        return from + Charset.Run(text, from, Set);
    }

    private static IEnumerable<TokenFormat> Declared()
    {
        foreach (var prefix in new[] { "AKIA", "ASIA", "ABIA", "ACCA" }) yield return new("aws-access-key-id", prefix, Charset.Base32, 16, IsExact: true);
        foreach (var prefix in new[] { "ghp_", "gho_", "ghu_", "ghs_", "ghr_" }) yield return new("github-token", prefix, Charset.Alphanumeric, 36);
        yield return new("github-token", "github_pat_", Charset.Word, 50);
        foreach (var prefix in new[] { "glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glsoat-", "gloas-" }) yield return new("gitlab-token", prefix, Charset.Url64, 20);
        foreach (var prefix in new[] { "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxe.xoxp-", "xapp-" }) yield return new("slack-token", prefix, Charset.Url64, 20);
        yield return new("slack-webhook", "hooks.slack.com/services/", Charset.Path, 20);
        foreach (var prefix in new[] { "sk_live_", "sk_test_", "rk_live_", "rk_test_" }) yield return new("stripe-key", prefix, Charset.Alphanumeric, 16);
        yield return new("stripe-webhook-secret", "whsec_", Charset.Alphanumeric, 24);
        foreach (var prefix in new[] { "sk-proj-", "sk-svcacct-", "sk-admin-" }) yield return new("openai-key", prefix, Charset.Url64, 20);
        yield return new("openai-key", "sk-", Charset.Alphanumeric, 40);
        yield return new("anthropic-key", "sk-ant-", Charset.Url64, 20);
        yield return new("google-api-key", "AIza", Charset.Url64, 35, IsExact: true);
        yield return new("google-oauth-token", "ya29.", Charset.Url64, 20);
        yield return new("google-client-secret", "GOCSPX-", Charset.Url64, 20);
        yield return new("huggingface-token", "hf_", Charset.Alphanumeric, 30);
        yield return new("npm-token", "npm_", Charset.Alphanumeric, 36);
        yield return new("pypi-token", "pypi-AgEI", Charset.Url64, 50);
        yield return new("docker-token", "dckr_pat_", Charset.Url64, 20);
        yield return new("vault-token", "hvs.", Charset.Url64, 24);
        yield return new("grafana-token", "glsa_", Charset.Word, 32);
        yield return new("digitalocean-token", "dop_v1_", Charset.Hex, 64);
        yield return new("age-key", "AGE-SECRET-KEY-1", Charset.Alphanumeric, 50);
    }
}
