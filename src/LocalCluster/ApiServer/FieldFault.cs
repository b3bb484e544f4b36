namespace Castellan.LocalCluster.ApiServer;

/// <summary>One thing wrong with one field, worded as the real server words it.</summary>
/// <param name="Reason">Machine-readable, for example <c>FieldValueInvalid</c>.</param>
/// <param name="Field">Path of the field, for example <c>spec.containers[0].image</c>.</param>
/// <param name="Message">What is wrong, without the path.</param>
internal sealed record FieldFault(string Reason, string Field, string Message)
{
    public static FieldFault Required(string field, string detail = "") =>
        new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    public static FieldFault Invalid(string field, string value, string detail) => new("FieldValueInvalid", field, $"Invalid value: {value}: {detail}");

    public static FieldFault Type(string field, string value, string detail) => new("FieldValueTypeInvalid", field, $"Invalid value: {value}: {detail}");

    public static FieldFault NotSupported(string field, string value, IEnumerable<string> supported) =>
        new("FieldValueNotSupported", field, $"Unsupported value: {value}: supported values: {string.Join(", ", supported)}");

    public static FieldFault Duplicate(string field, string value) => new("FieldValueDuplicate", field, $"Duplicate value: {value}");

    public static FieldFault Forbidden(string field, string detail) => new("FieldValueForbidden", field, $"Forbidden: {detail}");

    public static FieldFault NotFound(string field, string value) => new("FieldValueNotFound", field, $"Not found: {value}");

    public override string ToString() => $"{Field}: {Message}";
}
