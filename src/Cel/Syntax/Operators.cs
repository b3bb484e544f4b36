namespace Castellan.Cel.Syntax;

/// <summary>Names of the operators in the specification's list of functions.</summary>
internal static class Operators
{
    public const string Add = "_+_";
    public const string Subtract = "_-_";
    public const string Multiply = "_*_";
    public const string Divide = "_/_";
    public const string Modulo = "_%_";
    public const string Negate = "-_";
    public const string Not = "!_";
    public const string Equal = "_==_";
    public const string NotEqual = "_!=_";
    public const string Less = "_<_";
    public const string LessEqual = "_<=_";
    public const string Greater = "_>_";
    public const string GreaterEqual = "_>=_";
    public const string In = "@in";
    public const string Index = "_[_]";
    public const string OptionalIndex = "_[?_]";

    /// <summary>The operator as it is written, for messages.</summary>
    public static string Written(string function) => function switch
    {
        In => "in",
        Index => "[]",
        OptionalIndex => "[?]",
        _ => function.Trim('_'),
    };
}
