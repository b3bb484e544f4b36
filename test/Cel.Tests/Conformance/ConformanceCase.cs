using System.Globalization;
using System.Text.Json;

namespace Castellan.Cel.Tests.Conformance;

/// <summary>One line of the conformance file.</summary>
internal sealed record ConformanceCase(JsonElement Json)
{
    public string Id => Text("id")!;

    public string Expression => Text("expr")!;

    public string Profile => Text("profile")!;

    public IEnumerable<string> Tags => Json.GetProperty("tags").EnumerateArray().Select(t => t.GetString()!);

    private bool IsChecked => !Json.TryGetProperty("disableCheck", out var disabled) || !disabled.GetBoolean();

    public static IReadOnlyList<ConformanceCase> All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Conformance", "cel-conformance.jsonl")).Select(l => new ConformanceCase(JsonDocument.Parse(l).RootElement))];

    /// <summary>Runs the case.</summary>
    /// <returns>What is wrong; null when it passes.</returns>
    public string? Run()
    {
        var expect = Json.GetProperty("expect");
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
        if (Json.TryGetProperty("bindings", out var bindings))
        {
            foreach (var binding in bindings.EnumerateObject()) environment = environment.WithVariable(binding.Name, CelType.Dyn);
        }
        if (Json.TryGetProperty("typeEnv", out var declarations))
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
        if (!Json.TryGetProperty("bindings", out var bindings)) return activation;
        foreach (var binding in bindings.EnumerateObject()) activation.Set(binding.Name, ValueOf(binding.Value.GetProperty("value")));
        return activation;
    }

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
            _ => throw new InvalidOperationException($"no rule for a value of kind {member.Name}"),
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

    private string? Text(string name) => Json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
