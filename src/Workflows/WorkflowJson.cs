using System.Text.Json;

namespace Castellan.Workflows;

/// <summary>Payloads are JSON with the web defaults, as every Dapr SDK writes them; null is an absent payload.</summary>
internal sealed class WorkflowJson(JsonSerializerOptions? options = null)
{
    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Web;

    public string? Write(object? value) => value is null ? null : JsonSerializer.Serialize(value, value.GetType(), _options);

    public object? Read(string? payload, Type type) =>
        string.IsNullOrEmpty(payload) ? Default(type) : JsonSerializer.Deserialize(payload, type, _options);

    public T? Read<T>(string? payload) => string.IsNullOrEmpty(payload) ? default : JsonSerializer.Deserialize<T>(payload, _options);

    private static object? Default(Type type) => type.IsValueType ? Activator.CreateInstance(type) : null;
}
