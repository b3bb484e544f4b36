using System.CommandLine;
using System.Net;
using Castellan.Cli.CommandLine;
using Castellan.KubeApi;

namespace Castellan.Cli.Proxy;

/// <summary><c>castellan proxy</c>: an address on this machine that any MCP client can be pointed at, without credentials of its own.</summary>
internal static class ProxyCommand
{
    private static readonly Option<string> Listen = new("--listen")
    {
        Description = "Loopback address and port to listen on; port 0 takes any free one.",
        HelpName = "ADDRESS:PORT",
        DefaultValueFactory = _ => "127.0.0.1:0",
    };

    private static readonly Option<string?> Server = new("--server")
    {
        Description = "Serve one tool server alone, with its tools under their own names, and its resources and prompts; default: the tools of all.",
        HelpName = "NAMESPACE/NAME",
    };

    public static Command Create()
    {
        var command = ExampleHelp.With(
            new Command("proxy", "Serve the gateway's MCP endpoint on loopback for clients that cannot send a credential: the proxy adds yours.") { Listen, Server },
            "castellan proxy                               # prints the address to give to the client", "castellan proxy --server default/cluster", "castellan proxy --as approver --listen 127.0.0.1:7700");
        command.SetBody(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var listen = AddressOf(parsed.GetValue(Listen)!);
        using var target = ProxyTarget.Open(parsed, ServerOf(parsed.GetValue(Server)));
        await using var proxy = new LoopbackProxy(listen, target);
        try
        {
            await proxy.StartAsync(ct);
        }
        catch (IOException e)
        {
            throw new CommandFailure($"cannot listen on {listen}: {e.Message}", "choose another port, or 0 for any free one", inner: e);
        }

        await Console.Out.WriteLineAsync(proxy.Address.AbsoluteUri.AsMemory(), ct);
        await Console.Error.WriteLineAsync($"Whoever knows this address acts as '{target.User}' until you end the proxy with Ctrl-C; the next one has another address.".AsMemory(), ct);
        await proxy.WaitAsync(ct);
        return ExitCode.Success;
    }

    internal static IPEndPoint AddressOf(string text) => IPEndPoint.TryParse(text, out var address) && text.Contains(':', StringComparison.Ordinal) && IPAddress.IsLoopback(address.Address)
        ? address
        : throw new CommandFailure($"--listen {text} is not an address and port of this machine's loopback", "write for example 127.0.0.1:7700 or [::1]:0; other machines have to bring their own credential to the gateway", ExitCode.Usage);

    internal static NamespacedName? ServerOf(string? text) => text?.Split('/') switch
    {
        null => null,
        [{ Length: > 0 } ns, { Length: > 0 } name] when IsLabel(ns) && IsLabel(name) => new NamespacedName(ns, name),
        _ => throw new CommandFailure($"--server {text} does not name a tool server", "write NAMESPACE/NAME; 'castellan get toolservers' lists them", ExitCode.Usage),
    };

    private static bool IsLabel(string text) => text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
