using System.Reflection;

namespace Castellan.Workflows.Tests.Api;

/// <summary>The programming model has the public shape of the official package, so that moving there is a change of using lines.</summary>
public sealed class ApiShapeTests
{
    [Fact]
    public void Model_ComparedWithTheOfficialPackage_HasEveryMember()
    {
        var missing = new List<string>();
        var space = "";
        Type? type = null;
        HashSet<string> members = [];
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Api", "dapr-workflow-api.txt")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line.StartsWith("namespace ", StringComparison.Ordinal))
            {
                space = line["namespace ".Length..];
            }
            else if (line.StartsWith("type ", StringComparison.Ordinal))
            {
                type = typeof(WorkflowContext).Assembly.GetExportedTypes().SingleOrDefault(one => one.Namespace == space && line == "type " + Render(one, line));
                members = type is null ? [] : [.. Members(type)];
                missing.AddRange(type is null ? [$"{space}: {line}"] : []);
            }
            else if (type is not null && !members.Contains(line.Trim()))
            {
                missing.Add($"{type}: {line.Trim()} — there is: {string.Join(" | ", members.Where(one => one.Contains(Word(line), StringComparison.Ordinal)))}");
            }
        }

        Assert.True(missing.Count == 0, string.Join(Environment.NewLine, missing));
    }

    private static string Word(string line) => line.Trim().Split(' ', '(').Last(word => word.Length > 0 && line.Contains(word, StringComparison.Ordinal) && char.IsLetter(word[0]) && line.IndexOf(word, StringComparison.Ordinal) <= Math.Max(line.IndexOf('('), 0));

    // The kind, the name, and those of its base types that the line names.
    private static string Render(Type type, string line)
    {
        var kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var wanted = line.IndexOf(" : ", StringComparison.Ordinal) is > 0 and var at ? line[(at + 3)..] : null;
        var bases = type.GetInterfaces().Append(type.BaseType).Select(one => one is null ? "" : Name(one));
        return $"{kind} {Name(type)}" + (wanted is not null && bases.Contains(wanted) ? " : " + wanted : "");
    }

    private static IEnumerable<string> Members(Type type)
    {
        const BindingFlags all = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {(int)Enum.Parse(type, name)}");
        }

        var constructors = type.GetConstructors(all).Select(one => $"new({Parameters(one)})");
        var properties = type.GetProperties(all).Where(one => one.GetMethod is { IsPublic: true }).Select(one =>
            $"{Modifier(type, one.GetMethod!)}{Name(one.PropertyType)} {one.Name} {{ get; {(one.SetMethod is { IsPublic: true } ? "set; " : "")}}}");
        var methods = type.GetMethods(all).Where(one => !one.IsSpecialName || one.Name.StartsWith("op_", StringComparison.Ordinal))
            .Select(one => $"{Modifier(type, one)}{Name(one.ReturnType)} {one.Name}{Arguments(one)}({Parameters(one)})");
        return [.. constructors, .. properties, .. methods];
    }

    private static string Modifier(Type type, MethodBase method) => method switch
    {
        _ when type.IsInterface => "",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private static string Arguments(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(one =>
        $"{(one.IsOut ? "out " : "")}{Name(one.ParameterType)} {one.Name}{Default(one)}"));

    private static string Default(ParameterInfo parameter) => !parameter.HasDefaultValue ? ""
        : parameter.DefaultValue is { } value ? $" = {value}"
        : parameter.ParameterType is { IsValueType: true, Name: not "Nullable`1" } ? " = default" : " = null";

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        var name = type.Name.Split('`')[0];
        return type.IsGenericType ? $"{name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : name;
    }
}
