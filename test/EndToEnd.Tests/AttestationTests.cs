using Castellan.KubeApi;
using Castellan.KubeClient;

namespace Castellan.EndToEnd.Tests;

/// <summary>A pod's identity is for the process that Castellan put there, not for what runs beside or below it.</summary>
public sealed class AttestationTests
{
    // Asks the Workload API for an SVID and says what came; as a server on standard input and output, too, so that its pod becomes Ready.
    private const string Script = """
        const net = require('net'), http2 = require('http2');
        const session = http2.connect('http://localhost', { createConnection: () => net.connect(process.argv.at(-1)) });
        const say = text => process.stderr.write(`asked: ${text}\n`);
        session.on('error', e => say(`error ${e.code}`));
        const call = session.request({ ':method': 'POST', ':path': '/SpiffeWorkloadAPI/FetchX509SVID', 'content-type': 'application/grpc', te: 'trailers', 'workload.spiffe.io': 'true' });
        const status = headers => headers['grpc-status'] === undefined || say(`grpc-status ${headers['grpc-status']}`);
        call.on('response', status);
        call.on('trailers', status);
        call.on('data', data => say(/spiffe:.{2}[ -~]+/.exec(data.toString('latin1'))[0]));
        call.end(Buffer.alloc(5));
        setInterval(() => {}, 1000);
        require('readline').createInterface({ input: process.stdin }).on('line', line => {
          const { id, method, params } = JSON.parse(line);
          if (id === undefined) return;
          const known = method === 'initialize' ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'asker', version: '1' } }
            : method === 'tools/list' ? { tools: [{ name: 'nothing', description: 'Does nothing.', inputSchema: { type: 'object' } }] } : undefined;
          process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...(known ? { result: known } : { error: { code: -32601, message: method } }) }) + '\n');
        });
        """;

    private const int PermissionDenied = 7;

    [Fact]
    public async Task Identity_WhenAStdioServerAsksForItsPodsSvid_IsRefusedWhileItsProxyHasOne()
    {
        await using var system = await LocalSystem.StartAsync();
        var manifest = Path.Combine(system.State, "asker.yaml");
        await File.WriteAllTextAsync(manifest, $"""
            apiVersion: castellan.dev/v1alpha1
            kind: ToolServer
            metadata: {"{"}name: asker, namespace: default{"}"}
            spec:
              container:
                transport: Stdio
                command: [node, -e, {Quoted(Script)}, {Quoted(Socket(system))}]
            """);

        // Ready and its tools discovered over mutual TLS: the proxy, first process of the pod, has the pod's SVID.
        (await system.RunAsync("apply", "-f", manifest, "--wait", "--timeout", "220")).MustSucceed();

        Assert.Equal($"asked: grpc-status {PermissionDenied}", await SaidAsync(system, p => p.Contains("tools-asker", StringComparison.Ordinal), "castellan"));
    }

    [Fact]
    public async Task Identity_WhenContainersOfOnePodAsk_IsForTheMainOneAlone()
    {
        await using var system = LocalSystem.New(throughDotnet: true);
        (await system.RunAsync("up", "-d", "--api-port", "0", "--gateway-port", "0")).MustSucceed();
        var manifest = Path.Combine(system.State, "two.yaml");
        await File.WriteAllTextAsync(manifest, $"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {"{"}name: two, namespace: default{"}"}
            spec:
              selector: {"{"}matchLabels: {"{"}app: two{"}"}{"}"}
              template:
                metadata: {"{"}labels: {"{"}app: two{"}"}{"}"}
                spec:
                  containers:
                    - {"{"}name: castellan, image: node, command: [node, -e, {Quoted(Script)}, {Quoted(Socket(system))}]{"}"}
                    - {"{"}name: beside, image: node, command: [node, -e, {Quoted(Script)}, {Quoted(Socket(system))}]{"}"}
            """);
        (await system.RunAsync("apply", "-f", manifest)).MustSucceed();

        Assert.Contains("spiffe://castellan.local/ns/default/sa/default", await SaidAsync(system, p => p.StartsWith("two-", StringComparison.Ordinal), "castellan"), StringComparison.Ordinal);
        Assert.Equal($"asked: grpc-status {PermissionDenied}", await SaidAsync(system, p => p.StartsWith("two-", StringComparison.Ordinal), "beside"));
    }

    private static string Socket(LocalSystem system) => Path.Combine(system.State, "run", "workload.sock");

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    /// <summary>The first thing that a container of a pod says of its question.</summary>
    private static async Task<string> SaidAsync(LocalSystem system, Func<string, bool> pod, string container)
    {
        using var kube = new KubeConnection(KubeConfig.Load(Path.Combine(system.State, "kubeconfig"), "you"));
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (true)
        {
            foreach (var name in (await kube.ListAsync<KubeApi.Core.Pod>("default", ct: deadline.Token)).Items.Select(p => p.Metadata.Name!).Where(pod))
            {
                try
                {
                    var log = await kube.ReadLogsAsync(new NamespacedName("default", name), new LogOptions { Container = container }, deadline.Token);
                    if (log.Split('\n').FirstOrDefault(l => l.StartsWith("asked: ", StringComparison.Ordinal)) is { } said)
                    {
                        return said;
                    }
                }
                catch (KubeException e) when ((int)e.Code is 400 or 404)
                {
                    // Not placed, not started, or gone already: the deadline decides.
                }
            }
            await Task.Delay(100, deadline.Token);
        }
    }
}
