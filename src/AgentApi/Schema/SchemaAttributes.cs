namespace Castellan.AgentApi.Schema;

/// <summary>A column of <c>kubectl get</c>.</summary>
/// <param name="name">Header, upper-cased by kubectl.</param>
/// <param name="type">OpenAPI type: <c>string</c>, <c>integer</c> or <c>date</c>.</param>
/// <param name="jsonPath">Where the value is, for example <c>.status.spiffeId</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    /// <summary>Header of the column.</summary>
    public string Name { get; } = name;

    /// <summary>OpenAPI type of the value.</summary>
    public string Type { get; } = type;

    /// <summary>Where the value is.</summary>
    public string JsonPath { get; } = jsonPath;

    /// <summary>0 shows always; 1 shows with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>Names under which a kind can be typed besides its plural.</summary>
/// <param name="names">Short names, for example <c>ag</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ShortNamesAttribute(params string[] names) : Attribute
{
    /// <summary>The short names.</summary>
    public IReadOnlyList<string> Names { get; } = names;
}

/// <summary>Exactly one of the named members must be set.</summary>
/// <param name="members">Member names in C#.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OneOfAttribute(params string[] members) : Attribute
{
    /// <summary>Member names in C#.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}
