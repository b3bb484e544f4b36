namespace Castellan.Policy.Guards;

/// <summary>Something found in a text. Where it stands and what it is, never the text itself.</summary>
/// <param name="Kind">One kind.</param>
/// <param name="Name">What it is, for example <c>jwt</c>; docs/policy.md lists them.</param>
/// <param name="Start">Where it begins, in UTF-16 units from 0.</param>
/// <param name="Length">How long it is.</param>
public readonly record struct TextFinding(GuardKinds Kind, string Name, int Start, int Length)
{
    internal int End => Start + Length;
}

/// <summary>Something found in JSON.</summary>
/// <param name="Kind">One kind.</param>
/// <param name="Name">What it is.</param>
/// <param name="Path">The text it stands in, as a JSONPath (RFC 9535, normalized paths); <c>$</c> for a text alone. It names members, so it is not for the audit log.</param>
/// <param name="Start">Where it begins in that text.</param>
/// <param name="Length">How long it is.</param>
public sealed record GuardFinding(GuardKinds Kind, string Name, string Path, int Start, int Length);
