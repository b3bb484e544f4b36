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
