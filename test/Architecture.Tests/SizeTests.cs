using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Castellan.Architecture.Tests;

/// <summary>Files, methods and constructors stay small enough to be read at once.</summary>
public sealed class SizeTests
{
    private const int FileLines = 400;
    private const int MethodLines = 60;
    private const int ConstructorParameters = 5;

    [Fact]
    public void Files_StayWithinTheLimit() => Repository.AssertNone(
        from source in Repository.Sources
        let lines = source.Text.AsSpan().Count('\n')
        where lines > FileLines
        select $"{source.Path}: {lines} lines",
        $"split files of more than {FileLines} lines");

    [Fact]
    public void Methods_StayWithinTheLimit() => Repository.AssertNone(
        from source in Repository.Sources
        from node in source.Syntax.DescendantNodes()
        let lines = LinesOf(node)
        where lines > MethodLines
        select $"{source.At(node)}: {lines} lines",
        $"split methods of more than {MethodLines} lines");

    [Fact]
    public void Constructors_StayWithinTheLimit() => Repository.AssertNone(
        from source in Repository.Sources
        where source.Path.StartsWith("src/", StringComparison.Ordinal)
        from node in source.Syntax.DescendantNodes()
        let parameters = ParametersOf(node)
        where parameters > ConstructorParameters
        select $"{source.At(node)}: {parameters} parameters",
        $"give a type with more than {ConstructorParameters} parameters fewer jobs, or a record of options");

    private static int LinesOf(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax => Lines(node, node),
        CompilationUnitSyntax unit when unit.Members.OfType<GlobalStatementSyntax>().ToList() is { Count: > 0 } statements => Lines(statements[0], statements[^1]),
        _ => 0,
    };

    // A record is data: its constructor is its shape, not its dependencies.
    private static int ParametersOf(SyntaxNode node) => node switch
    {
        ConstructorDeclarationSyntax constructor => constructor.ParameterList.Parameters.Count,
        ClassDeclarationSyntax { ParameterList: { } list } => list.Parameters.Count,
        StructDeclarationSyntax { ParameterList: { } list } => list.Parameters.Count,
        _ => 0,
    };

    private static int Lines(SyntaxNode first, SyntaxNode last) =>
        last.GetLocation().GetLineSpan().EndLinePosition.Line - first.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}
