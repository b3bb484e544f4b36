namespace Castellan.McpServers.Tools;

/// <summary>A tool cannot do what it was asked; the message is written for the model: what was wrong, and what to try next.</summary>
/// <param name="problem">What was wrong, with the value.</param>
/// <param name="next">What to try next.</param>
/// <param name="inner">What caused it.</param>
internal sealed class ToolProblem(string problem, string next, Exception? inner = null) : Exception($"{problem}; {next}", inner);
