using System.Text.Json;
using Castellan.Workflows.Serialization;

namespace Castellan.Workflows;

/// <summary>Payloads: what the serializer writes; null is an absent payload.</summary>
internal sealed class WorkflowJson(IDaprSerializer serializer)
{
    public WorkflowJson(JsonSerializerOptions? options = null) : this(new JsonWorkflowSerializer(options))
    {
    }

    public string? Write(object? value) => value is null ? null : serializer.Serialize(value, value.GetType());

    public object? Read(string? payload, Type type) =>
        string.IsNullOrEmpty(payload) ? Default(type) : serializer.Deserialize(payload, type);

    public T? Read<T>(string? payload) => string.IsNullOrEmpty(payload) ? default : serializer.Deserialize<T>(payload);

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
}
