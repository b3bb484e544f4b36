using System.Text.Json;

namespace Castellan.Workflows.Serialization;

/// <summary>JSON with the web defaults, as every Dapr SDK writes it, or with other options.</summary>
internal sealed class JsonWorkflowSerializer(JsonSerializerOptions? options = null) : IWorkflowSerializer
{
    private readonly JsonSerializerOptions _options = options ?? JsonSerializerOptions.Web;

    public string Serialize<T>(T? value) => Serialize(value, typeof(T));

    public string Serialize(object? value, Type? inputType = null) =>
        value is null ? "" : JsonSerializer.Serialize(value, inputType ?? value.GetType(), _options);

    public T? Deserialize<T>(string? data) => string.IsNullOrEmpty(data) ? default : JsonSerializer.Deserialize<T>(data, _options);

    public object? Deserialize(string? data, Type returnType) => string.IsNullOrEmpty(data) ? null : JsonSerializer.Deserialize(data, returnType, _options);
}
