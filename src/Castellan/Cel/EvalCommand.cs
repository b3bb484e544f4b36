using System.CommandLine;
using System.Text.Json;
using Castellan.Cel;
using Castellan.Cli.CommandLine;

namespace Castellan.Cli.Cel;

/// <summary><c>castellan cel eval</c>: the value of one expression.</summary>
internal static class EvalCommand
{
    public static Command Create()
    {
        var expression = new Argument<string>("expression") { Description = "What to evaluate." };
        var variables = new Option<string[]>("--var", "-v")
        {
            Description = "A variable as name=JSON, or name=@FILE with JSON in it; may be repeated.",
            HelpName = "NAME=JSON",
            DefaultValueFactory = _ => [],
        };
        var cost = new Option<long>("--cost") { Description = "Highest cost before the evaluation is stopped.", DefaultValueFactory = _ => CelLimits.Default.Cost };
        var command = ExampleHelp.With(new Command("eval", "Evaluate one expression and print its value as JSON.") { expression, variables, cost },
            """castellan cel eval "[1, 2, 3].filter(x, x > 1)" """.TrimEnd(),
            """castellan cel eval "pod.metadata.labels.app == 'web'" --var pod=@pod.json""",
            """castellan cel eval "name.startsWith('web')" --var 'name="web-1"'""");
        command.SetBody((parsed, ct) => Task.FromResult(Evaluate(parsed.GetValue(expression)!, parsed.GetValue(variables)!, new CelLimits(parsed.GetValue(cost)), ct)));
        return command;
    }

    private static int Evaluate(string expression, IReadOnlyList<string> variables, CelLimits limits, CancellationToken ct)
    {
        var values = variables.Select(Read).ToList();
        var environment = values.Aggregate(CelEnvironment.Standard, (known, variable) => known.WithVariable(variable.Name, CelType.Dyn));
        if (!environment.TryCompile(expression, null, out var program, out var faults))
        {
            throw new CommandFailure($"the expression is not valid{Environment.NewLine}{string.Join(Environment.NewLine, faults.Select(f => Point(expression, f)))}",
                values.Count == 0 ? "give the variables that it names with --var NAME=JSON" : $"known variables: {string.Join(", ", values.Select(v => v.Name))}");
        }
        var activation = environment.NewActivation();
        foreach (var (name, value) in values)
        {
            activation.Set(name, value);
        }
        var result = program.Evaluate(activation, limits, ct);
        if (result.IsError)
        {
            var problem = program.Locate(result.Error) is { } fault ? Environment.NewLine + Point(expression, fault) : $": {result.Error.Message}";
            throw new CommandFailure($"the evaluation failed{problem}", "a policy rule that fails like this denies");
        }
        Console.WriteLine(Show(result));
        return ExitCode.Success;
    }

    // A type is a value that JSON has no form for.
    private static string Show(CelValue value)
    {
        try
        {
            return CelJson.ToJson(value)?.ToJsonString(GatewayApi.GatewayJson.Options) ?? "null";
        }
        catch (InvalidOperationException)
        {
            return value.ToString();
        }
    }

    private static (string Name, CelValue Value) Read(string variable)
    {
        var (name, text) = variable.Split('=', 2) is [{ Length: > 0 } n, var t] ? (n, t) : throw new CommandFailure($"'{variable}' is not a variable", "write --var NAME=JSON, for example --var replicas=3");
        try
        {
            using var document = JsonDocument.Parse(text.StartsWith('@') ? File.ReadAllText(text[1..]) : text);
            return (name, CelJson.FromJson(document.RootElement));
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw new CommandFailure($"the value of '{name}' is not JSON: {error.Message}", $"put text in double quotes within single ones: --var '{name}=\"text\"'", inner: error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"the value of '{name}' cannot be read: {error.Message}", "check the path after the @", inner: error);
        }
    }

    private static string Point(string expression, CelFault fault)
    {
        var line = expression.Split('\n')[fault.Line - 1];
        return $"{fault}{Environment.NewLine}  {line}{Environment.NewLine}  {new string(' ', fault.Column - 1)}^";
    }
}
