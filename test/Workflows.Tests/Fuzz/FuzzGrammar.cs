using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>Random messages that are valid protobuf: any field, any value, few names, so that requests meet each other's instances.</summary>
internal sealed class FuzzGrammar(Random random)
{
    private const int MaxDepth = 4;
    private static readonly string[] Words =
    [
        "", "two", "greet", "go", "null", "{}", "\"text\"", "[1,2,3]", "{\"a\":", "1", "\u0000", "ünïcödé \ud83d\ude80", "w:0001", "-1", "0", "99999999999999999999", "' or 1=1 --",
    ];

    /// <summary>Instances that requests speak of.</summary>
    public static string InstanceId(int number) => $"i{number}";

    public IMessage Message(MessageDescriptor type, int depth = 0)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (random.Next(10) < (depth == 0 ? 7 : 4))
            {
                Set(message, field, depth);
            }
        }

        return message;
    }

    private void Set(IMessage message, FieldDescriptor field, int depth)
    {
        if (field.IsMap)
        {
            var map = (IDictionary)field.Accessor.GetValue(message);
            map[Text()] = Text();
        }
        else if (field.IsRepeated)
        {
            var list = (IList)field.Accessor.GetValue(message);
            for (var i = random.Next(4); i > 0 && depth < MaxDepth; i--)
            {
                list.Add(Value(field, depth));
            }
        }
        else if (Value(field, depth) is { } value)
        {
            field.Accessor.SetValue(message, value);
        }
    }

    private object? Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.String => Text(),
        FieldType.Bytes => ByteString.CopyFrom(Bytes(random.Next(64))),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => Number(),
        FieldType.UInt32 or FieldType.Fixed32 => unchecked((uint)Number()),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => (long)Number() * random.Next(1, int.MaxValue),
        FieldType.UInt64 or FieldType.Fixed64 => unchecked((ulong)Number()),
        FieldType.Float => random.NextSingle(),
        FieldType.Double => random.NextDouble(),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, random.Next(-1, 12)),
        _ => Nested(field.MessageType, depth),
    };

    private object? Nested(MessageDescriptor type, int depth) => type.FullName switch
    {
        "google.protobuf.StringValue" => Text(),
        "google.protobuf.Int32Value" => Number(),
        "google.protobuf.BoolValue" => random.Next(2) == 0,
        "google.protobuf.Timestamp" => Time(),
        _ => depth < MaxDepth ? Message(type, depth + 1) : null,
    };

    private Timestamp Time() => random.Next(5) switch
    {
        0 => new() { Seconds = (long)Number() * random.Next(), Nanos = Number() },
        1 => new() { Seconds = random.Next(2) == 0 ? long.MaxValue : long.MinValue },
        2 => new() { Seconds = 253_402_300_799, Nanos = 999_999_999 },
        _ => Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddSeconds(random.Next(-5, 5))),
    };

    private string Text() => random.Next(20) switch
    {
        < 12 => InstanceId(random.Next(32)),
        < 19 => Words[random.Next(Words.Length)],
        _ => new string((char)random.Next(32, 0x2000), random.Next(2000)),
    };

    private int Number() => random.Next(8) switch
    {
        0 => int.MinValue,
        1 => int.MaxValue,
        2 => random.Next(),
        3 => -random.Next(),
        _ => random.Next(-1, 6),
    };

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
