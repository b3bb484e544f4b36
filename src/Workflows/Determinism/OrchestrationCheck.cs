using System.Reflection;
using System.Runtime.CompilerServices;

namespace Castellan.Workflows.Determinism;

/// <summary>
/// Reads the code of an orchestration when it is registered, and refuses it when it calls what answers differently at replay. It follows the
/// orchestration's own code: its methods, lambdas, local functions, nested types and base types, but not the code of other types that it calls.
/// </summary>
internal static class OrchestrationCheck
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <exception cref="NonDeterministicOrchestrationException">Names the orchestration, the method, the call and what to use instead.</exception>
    public static void EnsureDeterministic(string name, Type workflow)
    {
        for (var type = workflow; type is not null && type.Assembly != typeof(OrchestrationCheck).Assembly && type != typeof(object); type = type.BaseType)
        {
            foreach (var method in type.GetMethods(Declared).Where(method => method.Name.EndsWith("RunAsync", StringComparison.Ordinal)))
            {
                EnsureDeterministic(name, method);
            }
        }
    }

    /// <exception cref="NonDeterministicOrchestrationException">Names the orchestration, the method, the call and what to use instead.</exception>
    public static void EnsureDeterministic(string name, MethodInfo entry)
    {
        var seen = new HashSet<MethodBase> { entry };
        var open = new Queue<MethodBase>(seen);
        while (open.TryDequeue(out var method))
        {
            foreach (var called in Calls(method))
            {
                if (IsOwn(called, entry))
                {
                    if (seen.Add(called))
                    {
                        open.Enqueue(called);
                    }
                }
                else if (ForbiddenCalls.Remedy(called) is { } remedy)
                {
                    throw new NonDeterministicOrchestrationException($"orchestration '{name}' calls {Describe(called)} in {Describe(method)}, which gives "
                        + $"another answer at replay or leaves the turn; {remedy}, or set WorkflowRuntimeOptions.NonDeterminism to Off if you know that replay does not depend on it");
                }
            }
        }
    }

    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        // The compiler moves the body of an async method or an iterator into a type of its own.
        if (method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType is { } machine
            && machine.GetMethod("MoveNext", Declared) is { } body)
        {
            yield return body;
        }

        foreach (var called in IlReader.MethodsUsedBy(method))
        {
            yield return called;
        }
    }

    private static bool IsOwn(MethodBase called, MethodInfo entry) =>
        called.DeclaringType is { } type && called.GetMethodBody() is not null
        && (Outermost(type) == Outermost(entry.DeclaringType!) || IsBaseOf(type, entry.DeclaringType!));

    private static bool IsBaseOf(Type type, Type derived)
    {
        var wanted = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        for (var one = derived.BaseType; one is not null && one != typeof(object); one = one.BaseType)
        {
            if ((one.IsGenericType ? one.GetGenericTypeDefinition() : one) == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.IsGenericType ? type.GetGenericTypeDefinition() : type;
    }

    // The method as it was written: the compiler's own types stand inside the type in which the code was.
    private static string Describe(MethodBase method)
    {
        var name = method.Name == "MoveNext" && method.DeclaringType!.Name.StartsWith('<') ? method.DeclaringType.Name : method.Name;
        var type = method.DeclaringType!;
        while (type.Name.StartsWith('<') && type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return method is ConstructorInfo ? $"new {type.Name}" : $"{type.Name}.{Written(name)}";
    }

    // <RunAsync>d__0, <RunAsync>b__0_1, <<RunAsync>g__Local|0_0>d and the like were written in RunAsync; get_Now is a property.
    private static string Written(string name)
    {
        if (name.StartsWith('<') && name.IndexOf('>') is > 1 and var end)
        {
            return name[..end].TrimStart('<');
        }

        return name.StartsWith("get_", StringComparison.Ordinal) ? name[4..] : name;
    }
}
