namespace Castellan.Policy;

/// <summary>A tool whose name can be taken for another's.</summary>
/// <param name="Tool">The one that was there later.</param>
/// <param name="Finding">What is the matter, in words that follow the tool's name.</param>
public sealed record Imitation(NamedTool Tool, string Finding);
