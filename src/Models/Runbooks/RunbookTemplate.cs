using System.Text;
using System.Text.Json.Nodes;

namespace Castellan.Models.Runbooks;

/// <summary>A compiled template.</summary>
internal sealed class RunbookTemplate
{
    private readonly string _place;
    private readonly (string Text, RunbookExpression? Expression)[] _parts;

    private RunbookTemplate(string place, (string, RunbookExpression?)[] parts) => (_place, _parts) = (place, parts);

    public static RunbookTemplate? Compile(string template, RunbookScope scope, string path, string place)
    {
        IReadOnlyList<TemplatePart> parts;
        try
        {
            parts = TemplateParser.Parse(template);
        }
        catch (FormatException e)
        {
            scope.Faults.Add(new(path, e.Message));
            return null;
        }
        var compiled = parts.Select(p => (p.Text, p.IsExpression ? scope.Compile(p.Text, path) : null)).ToArray();
        return new RunbookTemplate(place, compiled);
    }

    /// <summary>The text with every expression replaced by its value.</summary>
    /// <exception cref="RunbookException">An expression has no value.</exception>
    public string Render(RunbookState state)
    {
        var text = new StringBuilder();
        foreach (var (literal, expression) in _parts)
        {
            if (expression is null) text.Append(literal);
            else text.Append(expression.EvaluateText(state, _place));
        }
        return text.ToString();
    }

    /// <summary>The value with its type where the template is exactly one expression, otherwise the text.</summary>
    /// <exception cref="RunbookException">An expression has no value.</exception>
    public JsonNode? Value(RunbookState state) =>
        _parts is [(_, { } only)] ? only.EvaluateJson(state, _place) : JsonValue.Create(Render(state));
}
