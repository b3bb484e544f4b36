using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.Cel;

/// <summary>Values of an environment's variables for one evaluation at a time; may be filled again and again.</summary>
public sealed class CelActivation
{
    internal CelActivation(CelEnvironment environment)
    {
        Environment = environment;
        Values = new CelValue[environment.VariableCount];
    }

    /// <summary>The environment whose variables these are.</summary>
    public CelEnvironment Environment { get; }

    internal CelValue[] Values { get; }

    /// <summary>Sets a variable.</summary>
    /// <exception cref="ArgumentException">The environment declares no such variable.</exception>
    public CelActivation Set(string name, CelValue value)
    {
        if (!Environment.TryGetVariable(name, out var slot, out _))
        {
            throw new ArgumentException($"the variable '{name}' is not declared; declare it with CelEnvironment.WithVariable", nameof(name));
        }
        Values[slot] = value;
        return this;
    }

    /// <summary>Sets a variable to what JSON says.</summary>
    /// <exception cref="ArgumentException">The environment declares no such variable.</exception>
    public CelActivation Set(string name, JsonElement value) => Set(name, CelJson.FromJson(value));

    /// <summary>Sets a variable to what JSON says; an absent node is null.</summary>
    /// <exception cref="ArgumentException">The environment declares no such variable.</exception>
    public CelActivation Set(string name, JsonNode? value) => Set(name, CelJson.FromJson(value));
}
