using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Castellan.AgentApi.Schema;

/// <summary>The summaries of types and members, as plain text, out of the compiler's documentation files.</summary>
public sealed partial class TypeDocs
{
    private readonly Dictionary<string, string> summaries = new(StringComparer.Ordinal);

    /// <summary>Reads documentation files.</summary>
    /// <param name="files">The XML that the compiler writes beside an assembly.</param>
    public TypeDocs(params IEnumerable<XDocument> files)
    {
        foreach (var member in files.SelectMany(f => f.Descendants("member")))
        {
            if (member.Attribute("name")?.Value is { } id && member.Element("summary") is { } summary)
            {
                summaries[id] = Text(summary);
            }
        }
    }

    /// <summary>Summary of a type; <see langword="null"/> if it has none.</summary>
    public string? Of(Type type) => summaries.GetValueOrDefault($"T:{Id(type)}");

    /// <summary>Summary of a property, or that of its declaring type's member it overrides.</summary>
    public string? Of(PropertyInfo property) => summaries.GetValueOrDefault($"P:{Id(property.DeclaringType!)}.{property.Name}");

    /// <summary>Summary of a member of an enum.</summary>
    public string? Of(Type enumeration, string member) => summaries.GetValueOrDefault($"F:{Id(enumeration)}.{member}");

    private static string Id(Type type) => type.FullName!.Replace('+', '.');

    private static string Text(XElement element) => Blanks().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "see" } see => see.Attribute("langword")?.Value ?? Reference(see.Attribute("cref")?.Value ?? see.Value),
        XElement { Name.LocalName: "para" } para => $" {Text(para)} ",
        XElement element => Text(element),
        _ => "",
    };

    // A property is written as users write it in YAML; a type or enum member keeps its name.
    private static string Reference(string cref)
    {
        var name = cref[(cref.LastIndexOf('.') + 1)..];
        return cref.StartsWith("P:", StringComparison.Ordinal) ? JsonNamingPolicy.CamelCase.ConvertName(name) : name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
