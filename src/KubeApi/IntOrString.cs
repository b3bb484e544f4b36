using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Castellan.KubeApi;

/// <summary>A number, or a string such as a port's name or <c>25%</c>.</summary>
/// <param name="Number">The number, when it is one.</param>
/// <param name="Text">The text, when it is not a number.</param>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString(int? Number, string? Text)
{
    /// <summary>A number.</summary>
    public static implicit operator IntOrString(int number) => new(number, null);

    /// <summary>A text; digits alone stay a text.</summary>
    public static implicit operator IntOrString(string text) => new(null, text);

    /// <summary>The number, or the given percentage of <paramref name="total"/>.</summary>
    /// <param name="total">What 100% is.</param>
    /// <param name="roundUp">True rounds up, as for maxSurge; false rounds down, as for maxUnavailable.</param>
    /// <exception cref="FormatException">Neither a number nor a percentage.</exception>
    public int Of(int total, bool roundUp)
    {
        if (Number is { } number) return number;
        if (Text is not [.., '%']) throw NotAShare();
        var digits = Text[..^1];
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var percent)) throw NotAShare();
        var exact = total * (long)percent;
        return (int)(roundUp ? (exact + 99) / 100 : exact / 100);
    }

    /// <summary>The number or the text, as written.</summary>
    public override string ToString() => Number?.ToString(CultureInfo.InvariantCulture) ?? Text ?? "";

    private FormatException NotAShare() => new($"'{this}' is neither a number nor a percentage; write 1 or 25%");
}

internal sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? reader.GetInt32() : reader.GetString() ?? "";

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        if (value.Number is { } number) writer.WriteNumberValue(number);
        else writer.WriteStringValue(value.Text ?? "");
    }
}
