using System.CommandLine;
using System.Runtime.InteropServices;
using Castellan.Cli.CommandLine;
using Castellan.ServiceDefaults;
using Castellan.Storage;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Castellan.Cli.Workflows;

/// <summary><c>castellan workflows serve</c>: the sidecar alone, for workers and clients of any language.</summary>
internal static class ServeCommand
{
    private static readonly Option<string> Listen = new("--listen") { Description = "Address and port; port 0 takes any free one. Beyond this machine with TLS alone.", HelpName = "ADDRESS:PORT", DefaultValueFactory = _ => "127.0.0.1:50001" };

    private static readonly Option<string> Store = new("--store")
    {
        Description = $"Where histories are kept: sqlite:FILE, or postgres:CONNECTION (postgres:@FILE, or postgres: with the connection in {StoreLocation.PostgresVariable}, keep a password off the command line).",
        HelpName = "LOCATION",
        DefaultValueFactory = _ => "sqlite:workflows.db",
    };

    private static readonly Option<string?> Token = new("--api-token") { Description = "Token that clients send as dapr-api-token. Everybody on this machine can read it here: better a file or DAPR_API_TOKEN.", HelpName = "TOKEN" };

    private static readonly Option<string?> TokenFile = new("--api-token-file") { Description = "File with a line for each hub: TOKEN, or HUB TOKEN. Without file, variable or option a token is made and printed.", HelpName = "FILE" };

    private static readonly Option<string?> Certificate = new("--tls-cert") { Description = "PEM file with the server's certificate chain.", HelpName = "FILE" };

    private static readonly Option<string?> Key = new("--tls-key") { Description = "PEM file with its private key.", HelpName = "FILE" };

    private static readonly Option<int?> Retention = new("--retention-days") { Description = "Remove what ended longer ago than this. Default: keep everything.", HelpName = "DAYS" };

    private static readonly Option<bool> AllowSchemaChange = new("--allow-schema-change") { Description = "Bring a PostgreSQL database to this version's tables; make a backup first." };

    public static Command Create()
    {
        var command = ExampleHelp.With(
            new Command("serve", "Run the workflow sidecar alone, for workers and clients of any language that speak Dapr's workflow protocol.") { Listen, Store, Token, TokenFile, Certificate, Key, Retention, AllowSchemaChange },
            "castellan workflows serve --store sqlite:workflows.db             # makes a token and prints it",
            "castellan workflows serve --listen 127.0.0.1:50001 --store sqlite:workflows.db --api-token-file tokens",
            "CASTELLAN_POSTGRES='Host=db;Database=flows;Username=me' castellan workflows serve --store postgres:",
            "castellan workflows serve --listen 0.0.0.0:50001 --store sqlite:workflows.db --tls-cert tls.crt --tls-key tls.key");
        command.SetBody(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        using var certificate = SidecarOptions.LoadCertificate(parsed.GetValue(Certificate), parsed.GetValue(Key));
        var (tokens, isMade) = Tokens(parsed);
        var options = new SidecarOptions(SidecarOptions.ParseListen(parsed.GetValue(Listen)!, certificate is not null), Location(parsed.GetValue(Store)!), tokens, certificate)
        {
            Retention = RetentionOf(parsed.GetValue(Retention)),
            AllowSchemaChange = parsed.GetValue(AllowSchemaChange),
        };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var logs = LoggerFactory.Create(logging => ServiceHost.AddConsole(logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)));
        await using (var host = await SidecarHost.StartAsync(options, logs, TimeProvider.System, stop.Token))
        {
            Introduce(host, options, isMade);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var registration = stop.Token.Register(stopped.SetResult);
            await stopped.Task;
        }
        AnsiConsole.WriteLine("Stopped.");
        return ExitCode.Success;
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true; // an orderly stop, not the runtime's
        stop.Cancel();
    }

    private static (IReadOnlyList<(string Hub, string Token)> Tokens, bool IsMade) Tokens(ParseResult parsed)
    {
        if (parsed.GetValue(TokenFile) is { } file)
        {
            return (SidecarToken.ReadFile(file), false);
        }
        if (parsed.GetValue(Token) is { Length: > 0 } given)
        {
            CommandRunner.ErrorConsole.MarkupLine($"[yellow]warning:[/] a token on the command line can be read by every user of this machine; better --api-token-file or {SidecarToken.Variable}");
            return ([(SidecarToken.DefaultHub, given)], false);
        }
        return SidecarToken.OfClient(null) is { } fromEnvironment ? ([(SidecarToken.DefaultHub, fromEnvironment)], false) : ([(SidecarToken.DefaultHub, SidecarToken.Make())], true);
    }

    private static StoreLocation Location(string text)
    {
        try
        {
            return StoreLocation.Parse(text);
        }
        catch (StoreLocationException e)
        {
            throw new CommandFailure(e.Message.Split("; ", 2)[0], e.Message.Split("; ", 2)[^1], ExitCode.Usage, e);
        }
    }

    private static TimeSpan? RetentionOf(int? days) => days switch
    {
        null => null,
        >= 1 => TimeSpan.FromDays(days.Value),
        _ => throw new CommandFailure($"--retention-days is {days}", "give 1 or more", ExitCode.Usage),
    };

    private static void Introduce(SidecarHost host, SidecarOptions options, bool isMade)
    {
        AnsiConsole.MarkupLine($"[green]Serving workflows[/] on {ResultWriter.Safe(host.Address.AbsoluteUri.TrimEnd('/'))}, kept in {ResultWriter.Safe(options.Store.ToString())}; Ctrl-C stops it");
        AnsiConsole.MarkupLine($"  export DAPR_GRPC_ENDPOINT={ResultWriter.Safe(host.Address.AbsoluteUri.TrimEnd('/'))}");
        if (isMade)
        {
            AnsiConsole.MarkupLine($"  export {SidecarToken.Variable}={options.Tokens[0].Token}   # made for this run");
        }
        AnsiConsole.MarkupLine($"  castellan workflows list --endpoint {ResultWriter.Safe(host.Address.AbsoluteUri.TrimEnd('/'))}");
    }
}
