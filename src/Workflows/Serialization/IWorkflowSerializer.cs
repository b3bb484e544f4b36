namespace Castellan.Workflows.Serialization;

/// <summary>How the payloads of orchestrations, activities and events are written. All workers and clients of a hub must agree.</summary>
public interface IWorkflowSerializer : IDaprSerializer;

/// <summary>Values to text and back.</summary>
public interface IDaprSerializer
{
    /// <summary>Writes a value as its static type.</summary>
    string Serialize<T>(T? value);

    /// <summary>Writes a value.</summary>
    /// <param name="value">Never <see langword="null"/> when an orchestration calls: that is an absent payload.</param>
    /// <param name="inputType">As which type; <see langword="null"/>: its own.</param>
    string Serialize(object? value, Type? inputType = null);

    /// <summary>Reads a value.</summary>
    T? Deserialize<T>(string? data);

    /// <summary>Reads a value.</summary>
    object? Deserialize(string? data, Type returnType);
}
