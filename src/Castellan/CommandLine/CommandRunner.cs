using System.CommandLine;
using Castellan.GatewayApi;
using Castellan.KubeClient;
using Spectre.Console;

namespace Castellan.Cli.CommandLine;

/// <summary>Runs a command's body and turns what it throws into a message and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>Errors go to standard error, so that results can be piped.</summary>
    public static IAnsiConsole ErrorConsole { get; } = Terminals.Create(Console.Error, Console.IsErrorRedirected);

    public static void SetBody(this Command command, Func<ParseResult, CancellationToken, Task<int>> body) =>
        command.SetAction(async (parsed, ct) =>
        {
            try
            {
                return await body(parsed, ct);
            }
            catch (CommandFailure failure)
            {
                Report(failure.Problem, failure.Remedy);
                return failure.ExitCode;
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return ExitCode.Interrupted;
            }
            catch (Exception e) when (Explain(e) is { } known)
            {
                Report(known.Problem, known.Remedy);
                return ExitCode.Failure;
            }
        });

    public static void Report(string problem, string remedy)
    {
        ErrorConsole.MarkupLine($"[red]error:[/] {ResultWriter.Safe(problem)}");
        ErrorConsole.MarkupLine($"  [grey]{ResultWriter.Safe(remedy)}[/]");
    }

    private static (string Problem, string Remedy)? Explain(Exception e) => e switch
    {
        GatewayException g => (g.Problem.Detail, g.Problem.Remedy ?? "see 'castellan status' and the daemon's log"),
        KubeException k when k.IsForbidden => (k.Message, "use a credential that may, for example --as you"),
        KubeException k => (k.Message, "correct what the API server names"),
        KubeUnreachableException k => (k.Message, "'castellan status' tells whether the local system runs; 'castellan up -d' starts it"),
        KubeConfigException k => (k.Message, "'castellan up' writes the kubeconfig anew"),
        UnauthorizedAccessException => (e.Message, "run the command as the user who owns the file, or choose another --state directory"),
        HttpRequestException { InnerException: System.Net.Sockets.SocketException s } => ($"cannot reach the server: {s.Message}", "is it running? 'castellan status' tells; 'castellan up -d' starts it"),
        HttpRequestException => ($"cannot reach the server: {e.Message}", "see 'castellan status' and the daemon's log"),
        IOException => (e.Message, "check the path, the permissions and the free space (df)"),
        _ => null,
    };
}
