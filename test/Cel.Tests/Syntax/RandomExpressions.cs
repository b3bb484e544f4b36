using System.Globalization;

namespace Castellan.Cel.Tests.Syntax;

/// <summary>Expressions that follow the grammar and, for the most part, the types: they get further than random text does.</summary>
internal sealed class RandomExpressions(Random random)
{
    private const int Deepest = 5;
    private readonly List<string> locals = [];

    /// <summary>Names and values of the variables, each of which is within what <see cref="CelProgram.EstimatedCost"/> assumes of data.</summary>
    public static CelActivation Values { get; } = NewValues();

    public string Next() => Bool(0);

    private static CelActivation NewValues()
    {
        var activation = CelEnvironment.Standard
            .WithVariable("names", CelType.List(CelType.String)).WithVariable("numbers", CelType.List(CelType.Int)).WithVariable("labels", CelType.Map(CelType.String, CelType.String))
            .WithVariable("name", CelType.String).WithVariable("count", CelType.Int).WithVariable("data", CelType.Dyn)
            .NewActivation();
        var data = CelJson.FromJson(System.Text.Json.Nodes.JsonNode.Parse("""{"spec": {"replicas": 3, "containers": [{"name": "a", "args": ["x", "y"]}, {"name": "b", "args": []}]}, "kinds": ["Pod", "Secret"]}"""));
        return activation.Set("names", CelValue.From(["checkout", "cart", "ümlaut 😀", ""])).Set("numbers", CelValue.From(new CelList(Enumerable.Range(-3, 20).Select(i => CelValue.From((long)i)))))
            .Set("labels", CelValue.From(new Dictionary<string, string> { ["app"] = "checkout", ["tier"] = "web" })).Set("name", CelValue.From(new string('n', 300))).Set("count", CelValue.From(7L)).Set("data", data);
    }

    private string Bool(int depth) => Pick(depth, 3,
        () => random.Next(2) == 0 ? "true" : "false", () => "has(data.spec)", () => $"has(labels.{Word()})",
        () => $"({Bool(depth + 1)} && {Bool(depth + 1)})", () => $"({Bool(depth + 1)} || {Bool(depth + 1)})", () => $"!{Bool(depth + 1)}",
        () => $"{Any(depth + 1)} == {Any(depth + 1)}", () => $"{Int(depth + 1)} < {Int(depth + 1)}", () => $"{Text(depth + 1)} in {Texts(depth + 1)}", () => $"{Any(depth + 1)} in {Any(depth + 1)}",
        () => $"{Text(depth + 1)}.{PickOf("startsWith", "endsWith", "contains", "matches")}({Text(depth + 1)})", () => $"{Text(depth + 1)}.matches('[a-z]+\\\\d{{1,3}}')",
        () => Loop(depth, Texts, PickOf("all", "exists", "exists_one"), Bool), () => Loop(depth, Ints, PickOf("all", "exists"), Bool), () => $"sets.{PickOf("contains", "intersects", "equivalent")}({Texts(depth + 1)}, {Texts(depth + 1)})",
        () => $"{Ints(depth + 1)}.isSorted()", () => $"({Bool(depth + 1)} ? {Bool(depth + 1)} : {Bool(depth + 1)})", () => Bind(depth, Bool));

    private string Int(int depth) => Pick(depth, 3,
        () => "count", () => random.Next(-5, 200).ToString(CultureInfo.InvariantCulture), () => PickOf("9223372036854775807", "data.spec.replicas", "0"),
        () => $"({Int(depth + 1)} {PickOf("+", "-", "*", "/", "%")} {Int(depth + 1)})", () => $"size({Any(depth + 1)})", () => $"{Text(depth + 1)}.{PickOf("indexOf", "lastIndexOf")}({Text(depth + 1)})", () => $"int({Text(depth + 1)})",
        () => $"{Ints(depth + 1)}[{Int(depth + 1)}]", () => $"{Ints(depth + 1)}.{PickOf("sum", "min", "max")}()", () => $"{Ints(depth + 1)}.indexOf({Int(depth + 1)})", () => Bind(depth, Int));

    private string Text(int depth) => Pick(depth, 4,
        () => "name", () => $"'{PickOf("", "a", "checkout", "😀", "%s-%d")}'", () => "labels.app", () => "data.spec.containers[0].name",
        () => $"({Text(depth + 1)} + {Text(depth + 1)})", () => $"string({Any(depth + 1)})", () => $"{Text(depth + 1)}.{PickOf("lowerAscii", "upperAscii", "trim", "reverse")}()",
        () => $"{Text(depth + 1)}.replace({Text(depth + 1)}, {Text(depth + 1)})", () => $"{Text(depth + 1)}.substring({Int(depth + 1)})", () => $"{Text(depth + 1)}.charAt({Int(depth + 1)})",
        () => $"{Texts(depth + 1)}.join({Text(depth + 1)})", () => $"'%s %.20f %d'.format([{Any(depth + 1)}, 1.5, {Int(depth + 1)}])", () => $"strings.quote({Text(depth + 1)})", () => $"base64.encode(bytes({Text(depth + 1)}))",
        () => $"{Texts(depth + 1)}[{Int(depth + 1)}]", () => $"regex.replace({Text(depth + 1)}, '[aeiou]', {Text(depth + 1)})", () => $"{Text(depth + 1)}.find('[a-z]+')", () => $"labels[?{Text(depth + 1)}].orValue({Text(depth + 1)})", () => Bind(depth, Text));

    private string Texts(int depth) => Pick(depth, 3,
        () => "names", () => "data.kinds", () => $"[{Text(depth + 1)}]",
        () => $"[{Text(depth + 1)}, {Text(depth + 1)}]", () => $"({Texts(depth + 1)} + {Texts(depth + 1)})", () => $"{Text(depth + 1)}.split({PickOf("''", "'a'", "','")})", () => Loop(depth, Texts, "map", Text), () => Loop(depth, Ints, "map", Text), () => Loop(depth, Texts, "filter", Bool),
        () => $"{Texts(depth + 1)}.{PickOf("distinct", "reverse", "sort")}()", () => $"{Text(depth + 1)}.findAll('[a-z]')", () => Loop(depth, Texts, "sortBy", Text), () => Bind(depth, Texts));

    private string Ints(int depth) => Pick(depth, 2,
        () => "numbers", () => $"[{Int(depth + 1)}, {Int(depth + 1)}]",
        () => $"lists.range({random.Next(40)})", () => Loop(depth, Ints, "map", Int), () => Loop(depth, Texts, "map", Int), () => Loop(depth, Ints, "filter", Bool), () => $"[{Ints(depth + 1)}, {Ints(depth + 1)}].flatten()", () => $"({Ints(depth + 1)} + {Ints(depth + 1)})",
        () => $"{Ints(depth + 1)}.slice(0, {Int(depth + 1)})", () => Loop(depth, Ints, "sortBy", Int));

    private string Any(int depth) => PickOf(Bool, Int, Text, Texts, Ints, Map, Local)(depth);

    private string Map(int depth) => Pick(depth, 2,
        () => "labels", () => "data",
        () => $"{{{Text(depth + 1)}: {Any(depth + 1)}, 'k': {Any(depth + 1)}}}", () => $"{Texts(depth + 1)}.transformMap(i, v, {Any(depth + 1)})", () => $"{Texts(depth + 1)}.transformMapEntry(i, v, {{v: i}})");

    private string Local(int depth) => locals.Count > 0 ? locals[random.Next(locals.Count)] : Int(depth);

    private string Loop(int depth, Func<int, string> range, string macro, Func<int, string> body) => $"{range(depth + 1)}.{macro}({With(out var name)}, {Inside(name, depth, body)})";

    private string Bind(int depth, Func<int, string> body)
    {
        var value = Any(depth + 1);
        return $"cel.bind({With(out var name)}, {value}, {Inside(name, depth, body)})";
    }

    private string With(out string name) => name = $"v{locals.Count}";

    private string Inside(string name, int depth, Func<int, string> body)
    {
        locals.Add(name);
        var text = body(depth + 1);
        locals.RemoveAt(locals.Count - 1);
        return text;
    }

    /// <summary>One of the ways; deep down one of the first, which do not go deeper.</summary>
    private string Pick(int depth, int flat, params ReadOnlySpan<Func<string>> ways) => ways[random.Next(depth >= Deepest ? flat : ways.Length)]();

    private T PickOf<T>(params ReadOnlySpan<T> values) => values[random.Next(values.Length)];

    private string Word() => PickOf("app", "tier", "none");
}
