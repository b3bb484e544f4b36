using System.Collections.Immutable;

namespace Castellan.Cel.Compilation;

/// <summary>The types of one form of an operator or function.</summary>
internal readonly record struct OperatorForm(ImmutableArray<CelType> Parameters, CelType Result);
