using System.CommandLine;
using System.Globalization;
using Castellan.Cli.CommandLine;
using Castellan.Cli.Resources;
using Spectre.Console;

namespace Castellan.Cli.Local;

/// <summary><c>castellan up</c>: the whole system on this machine.</summary>
internal static class UpCommand
{
    private static readonly Option<bool> Detach = new("--detach", "-d") { Description = "Run in the background and return once ready." };

    private static readonly Option<int> ApiPort = new("--api-port")
    {
        Description = "Port of the Kubernetes API on 127.0.0.1; 0 takes any free one.",
        DefaultValueFactory = _ => UpOptions.DefaultApiPort,
        HelpName = "PORT",
    };

    private static readonly Option<int> GatewayPort = new("--gateway-port")
    {
        Description = "Port of the gateway on 127.0.0.1; 0 takes any free one.",
        DefaultValueFactory = _ => UpOptions.DefaultGatewayPort,
        HelpName = "PORT",
    };

    private static readonly Option<int?> MetricsPort = new("--metrics-port")
    {
        Description = "Serve metrics for a Prometheus at http://127.0.0.1:PORT/metrics; 0 takes any free port.",
        HelpName = "PORT",
    };

    private static readonly Option<string?> Otlp = new("--otlp")
    {
        Description = "Send spans and metrics to an OpenTelemetry collector (OTEL_EXPORTER_OTLP_ENDPOINT does the same; the other OTEL_* variables hold too).",
        HelpName = "URL",
    };

    private static readonly Option<string?> Model = new("--model")
    {
        Description = "Let a real model answer in place of runbooks: ollama:NAME (OLLAMA_HOST says where), or openai:NAME with a key in OPENAI_API_KEY (OPENAI_BASE_URL for a compatible server).",
        HelpName = "PROVIDER:NAME",
    };

    public static Command Create()
    {
        var command = ExampleHelp.With(new Command("up", "Start the whole system on this machine: cluster, identities, controller, gateway.") { Detach, ApiPort, GatewayPort, MetricsPort, Otlp, Model },
            "castellan up                          # in the foreground, Ctrl-C stops it", "castellan up -d                       # in the background", "castellan up -d --model ollama:qwen3", "castellan up -d --metrics-port 18081 --otlp http://localhost:4317");
        command.SetBody(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var model = parsed.GetValue(Model);
        var options = new UpOptions(
            parsed.Paths(), Port(parsed, ApiPort), Port(parsed, GatewayPort), model is null ? null : ModelOverride.Parse(model, Environment.GetEnvironmentVariable))
        {
            MetricsPort = parsed.GetValue(MetricsPort) is { } metrics ? Port(MetricsPort.Name, metrics) : null,
            Otlp = parsed.GetValue(Otlp) is { } otlp ? Collector(otlp) : null,
        };
        Directory.CreateDirectory(options.Paths.Root);
        if (parsed.GetValue(Detach))
        {
            (await DaemonLock.TakeAsync(options.Paths, TimeProvider.System, ct)).Dispose(); // says at once, and here, that another one runs
            var ready = await new DaemonLauncher(options.Paths, TimeProvider.System).StartAsync(ForegroundArguments(options, model), AnsiConsole.Console, ct);
            Introduce(options.Paths, ready);
            return ExitCode.Success;
        }
        await new Daemon(options, TimeProvider.System).RunAsync(ready => Introduce(options.Paths, ready), ct);
        return ExitCode.Success;
    }

    private static string[] ForegroundArguments(UpOptions options, string? model) =>
    [
        "up", "--state", options.Paths.Root,
        "--api-port", options.ApiPort.ToString(CultureInfo.InvariantCulture),
        "--gateway-port", options.GatewayPort.ToString(CultureInfo.InvariantCulture),
        .. options.MetricsPort is { } metrics ? (string[])["--metrics-port", metrics.ToString(CultureInfo.InvariantCulture)] : [],
        .. options.Otlp is { } otlp ? (string[])["--otlp", otlp.OriginalString] : [],
        .. model is null ? (string[])[] : ["--model", model],
    ];

    private static int Port(ParseResult parsed, Option<int> option) => Port(option.Name, parsed.GetValue(option));

    private static int Port(string option, int port) => port is >= 0 and <= 65535
        ? port
        : throw new CommandFailure($"{option} {port} is not a port", "give a number from 0 (any free port) to 65535", ExitCode.Usage);

    private static Uri Collector(string url) => Uri.TryCreate(url, UriKind.Absolute, out var collector) && (collector.Scheme == Uri.UriSchemeHttp || collector.Scheme == Uri.UriSchemeHttps)
        ? collector
        : throw new CommandFailure($"{Otlp.Name} '{url}' is no URL of a collector", "give one such as http://localhost:4317", ExitCode.Usage);

    private static void Introduce(StatePaths paths, DaemonState ready)
    {
        AnsiConsole.MarkupLine($"[green]Ready[/] after {ready.ReadyAfterMilliseconds} ms (pid {ready.ProcessId})");
        AnsiConsole.MarkupLine($"  Kubernetes API  {ResultWriter.Safe(ready.ApiServer!)}   export KUBECONFIG={ResultWriter.Safe(paths.Kubeconfig)}");
        AnsiConsole.MarkupLine($"  Gateway (MCP)   {ResultWriter.Safe(ready.Gateway!)}/mcp");
        if (ready.Metrics is { } metrics)
        {
            AnsiConsole.MarkupLine($"  Metrics         {ResultWriter.Safe(metrics)}");
        }
        if (ready.Model is { } model)
        {
            AnsiConsole.MarkupLine($"  Model           {ResultWriter.Safe(model.ToString())}   in place of runbooks of what is applied from now on");
        }
        AnsiConsole.MarkupLine("  Credentials     you (viewer and operator), approver; choose with --as or kubectl --context");
        AnsiConsole.MarkupLine("  Next            castellan apply -f examples/01-sre-triage --wait");
    }
}
