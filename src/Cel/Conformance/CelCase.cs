using System.Globalization;
using System.Text.Json;

namespace Castellan.Cel.Conformance;

/// <summary>
/// One test of an expression, as one line of JSON: <c>id</c>, <c>section</c>, <c>expr</c>, and <c>expect</c> with <c>value</c>, <c>type</c> or
/// <c>error</c>; optional <c>bindings</c>, <c>typeEnv</c>, <c>container</c>, <c>disableCheck</c>, <c>tags</c>, <c>profile</c>. Values name their
/// type: <c>{"int": "1"}</c>, <c>{"list": […]}</c>.
/// </summary>
/// <remarks>The cases of the CEL specification's <c>tests/simple/testdata</c>, flattened.</remarks>
public sealed class CelCase
{
    private readonly JsonElement _json;

    private CelCase(JsonElement json) => _json = json;

    /// <summary>Names the case; unique in a file.</summary>
    public string Id => Text("id") ?? Expression;

    /// <summary>File and section of the specification's test data that it belongs to, for example <c>string_ext/join</c>; empty when it names none.</summary>
    public string Section => string.Join('/', new[] { Text("file"), Text("section") }.OfType<string>());

    /// <summary>What is evaluated.</summary>
    public string Expression => Text("expr") ?? "";

    /// <summary>The part of the language that it needs, for example <c>std</c> or <c>ext</c>; empty when it names none.</summary>
    public string Profile => Text("profile") ?? "";

    /// <summary>Marks, for example that the reference implementation skips the case.</summary>
    public IEnumerable<string> Tags => _json.TryGetProperty("tags", out var tags) ? tags.EnumerateArray().Select(t => t.GetString() ?? "") : [];

    private bool IsChecked => !_json.TryGetProperty("disableCheck", out var disabled) || !disabled.GetBoolean();

    /// <summary>Reads one line.</summary>
    /// <exception cref="FormatException">It is not JSON, or has no expression or expectation.</exception>
    public static CelCase Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var one = new CelCase(document.RootElement.Clone());
            if (one.Text("expr") is null) throw new FormatException("the case has no 'expr'");
            if (!one._json.TryGetProperty("expect", out var expect) || expect.ValueKind != JsonValueKind.Object) throw new FormatException("the case has no 'expect'");
            return one;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException($"the case cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Runs the case in the standard environment with what it declares itself.</summary>
    /// <returns>What is wrong; null when it passes.</returns>
    /// <exception cref="FormatException">A value or type in it has no known form.</exception>
    public string? Run()
    {
        try
        {
            return Check();
        }
        catch (Exception error) when (error is InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            throw new FormatException($"the case '{Id}' cannot be read: {error.Message}", error);
        }
    }

    private string? Check()
    {
        var expect = _json.GetProperty("expect");
        var wantsError = expect.TryGetProperty("error", out _);
        CelValue value;
        string type;
        try
        {
            var program = Compile();
            type = program.ResultType.ToString();
            value = program.Evaluate(Activation(program));
        }
        catch (CelCompileException e)
        {
            return wantsError ? null : $"does not compile: {e.Message}";
        }
        if (wantsError) return value.IsError ? null : $"gives {value} instead of an error";
        if (expect.TryGetProperty("type", out var wantedType) && IsChecked && TypeOf(wantedType).ToString() != type) return $"has type {type}, not {TypeOf(wantedType)}";
        var wanted = expect.TryGetProperty("value", out var json) ? ValueOf(json) : CelValue.True;
        return Same(value, wanted) ? null : $"gives {value} ({value.TypeName}), not {wanted} ({wanted.TypeName})";
    }

    private CelProgram Compile()
    {
        var environment = CelEnvironment.Standard.InContainer(Text("container") ?? "");
        if (_json.TryGetProperty("bindings", out var bindings))
        {
            foreach (var binding in bindings.EnumerateObject()) environment = environment.WithVariable(binding.Name, CelType.Dyn);
        }
        if (_json.TryGetProperty("typeEnv", out var declarations))
        {
            foreach (var declaration in declarations.EnumerateArray().Where(d => d.GetProperty("kind").GetString() == "ident"))
            {
                environment = environment.WithVariable(declaration.GetProperty("name").GetString()!, TypeOf(declaration.GetProperty("type")));
            }
        }
        return IsChecked ? environment.Compile(Expression) : environment.CompileUnchecked(Expression);
    }

    private CelActivation Activation(CelProgram program)
    {
        var activation = program.Environment.NewActivation();
        if (!_json.TryGetProperty("bindings", out var bindings)) return activation;
        foreach (var binding in bindings.EnumerateObject()) activation.Set(binding.Name, ValueOf(binding.Value.GetProperty("value")));
        return activation;
    }

    // Unlike the language's own equality: 1 is not 1.0 here, and NaN is NaN.
    private static bool Same(CelValue actual, CelValue wanted)
    {
        if (actual.Kind != wanted.Kind) return false;
        return actual.Kind switch
        {
            CelKind.Double => actual.AsDouble.Equals(wanted.AsDouble),
            CelKind.List => actual.AsList.Count == wanted.AsList.Count && actual.AsList.Zip(wanted.AsList).All(p => Same(p.First, p.Second)),
            CelKind.Map => actual.AsMap.Count == wanted.AsMap.Count && wanted.AsMap.All(e => actual.AsMap.TryGetValue(e.Key, out var found) && Same(found, e.Value)),
            _ => actual == wanted,
        };
    }

    private static CelValue ValueOf(JsonElement json)
    {
        var member = json.EnumerateObject().First();
        return member.Name switch
        {
            "null" => CelValue.Null,
            "bool" => CelValue.From(member.Value.GetBoolean()),
            "int" => CelValue.From(long.Parse(member.Value.GetString()!, CultureInfo.InvariantCulture)),
            "uint" => CelValue.From(ulong.Parse(member.Value.GetString()!, CultureInfo.InvariantCulture)),
            "double" => CelValue.From(double.Parse(member.Value.GetString()!, CultureInfo.InvariantCulture)),
            "string" => CelValue.From(member.Value.GetString()),
            "bytes" => CelValue.From(member.Value.GetBytesFromBase64()),
            "list" => CelValue.From(new CelList(member.Value.EnumerateArray().Select(ValueOf))),
            "map" => CelValue.From(CelMap.Create(member.Value.EnumerateArray().Select(e => KeyValuePair.Create(ValueOf(e[0]), ValueOf(e[1]))))),
            "type" => CelEnvironment.Standard.Compile(member.Value.GetString()!).Evaluate(CelEnvironment.Standard.NewActivation()),
            "timestamp" => CelValue.From(new CelTimestamp(Seconds(json), json.GetProperty("nanos").GetInt32())),
            "duration" => CelValue.From(new CelDuration(Seconds(json), json.GetProperty("nanos").GetInt32())),
            _ => throw new FormatException($"there is no value of kind '{member.Name}'; use null, bool, int, uint, double, string, bytes, list, map, type, timestamp or duration"),
        };
    }

    private static long Seconds(JsonElement json) => long.Parse(json.GetProperty("seconds").GetString()!, CultureInfo.InvariantCulture);

    private static CelType TypeOf(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return json.GetString() switch
            {
                "bool" => CelType.Bool,
                "int" => CelType.Int,
                "uint" => CelType.Uint,
                "double" => CelType.Double,
                "string" => CelType.String,
                "bytes" => CelType.Bytes,
                "null_type" => CelType.Null,
                "timestamp" => CelType.Timestamp,
                "duration" => CelType.Duration,
                _ => CelType.Dyn,
            };
        }
        var member = json.EnumerateObject().First();
        return member.Name switch
        {
            "list" => CelType.List(TypeOf(member.Value)),
            "map" => CelType.Map(TypeOf(member.Value[0]), TypeOf(member.Value[1])),
            "message" when member.Value.GetString() == "google.protobuf.Timestamp" => CelType.Timestamp,
            "message" when member.Value.GetString() == "google.protobuf.Duration" => CelType.Duration,
            "wrapper" => TypeOf(member.Value),
            _ => CelType.Dyn,
        };
    }

    private string? Text(string name) => _json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
