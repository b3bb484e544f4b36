using Castellan.Cel.Evaluation;
using Castellan.Cel.Syntax;

namespace Castellan.Cel.Compilation;

/// <summary>Names, fields and message literals.</summary>
internal sealed partial class Compiler
{
    private Checked CheckIdent(IdentExpr ident)
    {
        if (!ident.Rooted && Local.Find(scope, ident.Name) is { } local)
        {
            return new(local.Type, new LocalNode(local.Slot));
        }
        if (ResolveGlobal(ident.Name, ident.Rooted) is { } found) return found;
        var known = environment.VariableNames;
        for (var inner = scope; inner is not null; inner = inner.Outer) known = known.Append(inner.Name);
        return Wrong(ident.Offset, $"unknown variable '{ident.Name}'", Suggestion.For(ident.Name, known));
    }

    /// <summary>Looks a (dotted) name up among variables, types and constants, innermost namespace first.</summary>
    private Checked? ResolveGlobal(string name, bool rooted)
    {
        foreach (var candidate in environment.Candidates(name, rooted))
        {
            if (environment.TryGetVariable(candidate, out var slot, out var type))
            {
                variables.Add(candidate);
                return new(type, new VariableNode(slot, candidate, type));
            }
            if (environment.TryGetConstant(candidate, out var value))
            {
                return new(value.Kind == CelKind.Type ? CelType.TypeOf(value.AsType) : value.RuntimeType, new ConstantNode(value));
            }
        }
        return null;
    }

    private Checked CheckSelect(SelectExpr select)
    {
        if (select.Mode == SelectMode.Value && ResolveQualified(select) is { } variable) return variable;
        var operand = Check(select.Operand);
        var type = unifier.Resolve(operand.Type);
        var optional = type.Kind == CelTypeKind.Optional;
        var container = optional ? type.Parameters[0] : type;
        var field = FieldType(container, select, out var index);
        var reference = new FieldReference(select.Field, index < 0 ? null : container, index, select.Offset);
        return select.Mode switch
        {
            SelectMode.Presence => new(CelType.Bool, new PresenceNode(operand.Node, reference)),
            SelectMode.Optional => new(CelType.Optional(field), new OptionalFieldNode(operand.Node, reference)),
            _ => new(optional ? CelType.Optional(field) : field, new FieldNode(operand.Node, reference)),
        };
    }

    /// <summary>A dotted name that is one variable, unless its first part is a variable of a comprehension.</summary>
    private Checked? ResolveQualified(SelectExpr select)
    {
        if (QualifiedName(select) is not { } name) return null;
        return ResolveGlobal(name.Text, name.Rooted);
    }

    private (string Text, bool Rooted)? QualifiedName(Expr expression) => expression switch
    {
        IdentExpr ident when ident.Rooted || Local.Find(scope, ident.Name) is null => (ident.Name, ident.Rooted),
        SelectExpr { Mode: SelectMode.Value } select when QualifiedName(select.Operand) is { } prefix => ($"{prefix.Text}.{select.Field}", prefix.Rooted),
        _ => null,
    };

    private CelType FieldType(CelType container, SelectExpr select, out int index)
    {
        index = -1;
        switch (container.Kind)
        {
            case CelTypeKind.Map:
                if (!unifier.Fit(CelType.String, container.Parameters[0]))
                {
                    Fault(select.Offset, $"{Show(container)} has no key '{select.Field}'", "its keys are no strings; index it with []");
                }
                return container.Parameters[1];
            case CelTypeKind.Object:
                if (container.TryGetField(select.Field, out var field, out index)) return field.Type;
                Fault(select.Offset, $"unknown field '{select.Field}' of {container.Name}", Suggestion.For(select.Field, container.Fields.Select(f => f.Name)));
                return CelType.Dyn;
            case CelTypeKind.Dyn or CelTypeKind.Parameter:
                return CelType.Dyn;
            default:
                Fault(select.Offset, $"{Show(container)} has no fields, so no '{select.Field}'");
                return CelType.Dyn;
        }
    }

    private Checked CheckMessage(MessageExpr message)
    {
        foreach (var candidate in environment.Candidates(message.TypeName, message.Rooted))
        {
            if (WellKnownMessage.Find(candidate) is { } known) return CheckMessage(message, known);
        }
        return Wrong(message.Offset, $"unknown type '{message.TypeName}'", "write a map: {'key': value}");
    }

    private Checked CheckMessage(MessageExpr message, WellKnownMessage known)
    {
        var items = new ItemNode[message.Items.Count];
        for (var i = 0; i < items.Length; i++)
        {
            var item = message.Items[i];
            if (!known.Fields.TryGetValue(item.Name!, out var type))
            {
                return Wrong(item.Offset, $"unknown field '{item.Name}' of {known.Name}", Suggestion.For(item.Name!, known.Fields.Keys));
            }
            var value = Check(item.Value);
            var wanted = item.IsOptional ? CelType.Optional(type) : type;
            if (!unifier.Fit(value.Type, wanted)) Fault(item.Offset, $"the field '{item.Name}' of {known.Name} is {wanted}, not {Show(value.Type)}");
            items[i] = new ItemNode(new ConstantNode(CelValue.From(item.Name)), value.Node, item.IsOptional);
        }
        return new(known.Result, new MessageNode(known, items, message.Offset));
    }
}
