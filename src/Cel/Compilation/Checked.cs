using Castellan.Cel.Evaluation;

namespace Castellan.Cel.Compilation;

/// <summary>An expression that was checked: its type and the node that evaluates it.</summary>
internal readonly record struct Checked(CelType Type, Node Node);

/// <summary>A variable of a comprehension.</summary>
internal sealed record Local(string Name, int Slot, CelType Type, Local? Outer)
{
    public static Local? Find(Local? scope, string name)
    {
        for (; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name) return scope;
        }
        return null;
    }
}
