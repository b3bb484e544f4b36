namespace Castellan.Cel;

/// <summary>A declared field of an object type.</summary>
/// <param name="Name">Name, as expressions write it after the dot.</param>
/// <param name="Type">Type of the value.</param>
public sealed record CelField(string Name, CelType Type);
