using System.Text.Json.Nodes;
using Castellan.KubeApi;
using Castellan.KubeClient;

namespace Castellan.AgentGateway.Tests.World;

/// <summary>What the tests apply: Castellan's CRDs and roles as they are shipped, and one agent with one tool server.</summary>
internal static class Manifests
{
    private const string Manager = "test";

    internal static async Task InstallAsync(KubeConnection kube)
    {
        var root = Root();
        foreach (var file in Directory.GetFiles(Path.Combine(root, "crds"), "*.yaml").Concat(Directory.GetFiles(Path.Combine(root, "deploy", "rbac"), "*.yaml")))
        {
            await ApplyAsync(kube, await File.ReadAllTextAsync(file));
        }

        foreach (var plural in new[] { "agents", "toolservers", "modelconfigs", "agentpolicies", "clusteragentpolicies", "agentbudgets", "clusteragentbudgets" })
        {
            await ServedAsync(kube, plural);
        }
    }

    internal static async Task ApplyAsync(KubeConnection kube, string yaml)
    {
        foreach (var item in KubeYaml.Parse(yaml))
        {
            var status = item["status"]?.DeepClone();
            await kube.ApplyAsync(ResourceOf(item), item, Manager, force: true);
            if (status is not null && item["kind"]!.GetValue<string>() == "Pod")
            {
                await kube.ApplyStatusAsync(ResourceOf(item), item, Manager, force: true);
            }
        }
    }

    internal static string Spine(string address, int port) => $$"""
        apiVersion: castellan.dev/v1alpha1
        kind: Agent
        metadata: {name: triage, namespace: default}
        spec:
          instructions: Find out why.
          model: {name: book}
          tools: [{server: ops, requireApproval: [scale]}]
        ---
        apiVersion: castellan.dev/v1alpha1
        kind: ModelConfig
        metadata: {name: book, namespace: default}
        spec:
          provider: Runbook
          model: book
          runbook:
            procedures:
              - name: look
                steps: [{name: pods, tool: ops__read}]
                findings: [{text: "seen"}]
        ---
        apiVersion: castellan.dev/v1alpha1
        kind: ToolServer
        metadata: {name: ops, namespace: default}
        spec:
          container: {image: ops}
          effects: {read: Read, restart: Write, remove: Destructive, scale: IdempotentWrite}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: tools-ops
          namespace: default
          labels: {castellan.dev/kind: toolserver, castellan.dev/name: ops}
        spec:
          clusterIP: {{address}}
          ports: [{name: mtls, port: {{port}}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: tools-ops
          namespace: default
          labels: {castellan.dev/kind: toolserver, castellan.dev/name: ops}
        spec:
          containers: [{name: castellan, image: ops}]
        status:
          phase: Running
          conditions: [{type: Ready, status: "True"}]
        ---
        """ + "\n" + Policy();

    internal static string BuiltIn(string name, string address, int port) => $$"""
        apiVersion: castellan.dev/v1alpha1
        kind: ToolServer
        metadata: {name: {{name}}, namespace: default}
        spec:
          builtIn: {server: Cluster}
          effects: {read: Read, restart: Write, remove: Destructive, scale: IdempotentWrite}
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: tools-{{name}}
          namespace: default
          labels: {castellan.dev/kind: toolserver, castellan.dev/name: {{name}}}
        spec:
          clusterIP: {{address}}
          ports: [{name: mtls, port: {{port}}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata:
          name: tools-{{name}}
          namespace: default
          labels: {castellan.dev/kind: toolserver, castellan.dev/name: {{name}}}
        spec:
          containers: [{name: castellan, image: own}]
        status:
          phase: Running
          conditions: [{type: Ready, status: "True"}]
        ---
        apiVersion: castellan.dev/v1alpha1
        kind: Agent
        metadata: {name: triage, namespace: default}
        spec:
          instructions: Find out why.
          model: {name: book}
          tools: [{server: ops, requireApproval: [scale]}, {server: {{name}}}]
        """;

    internal static string Policy(string extra = "") => $$"""
        apiVersion: castellan.dev/v1alpha1
        kind: AgentPolicy
        metadata: {name: spine, namespace: default}
        spec:
          subjects: {agents: [triage], users: [you]}
          rules:
            - name: oblige
              effect: Allow
              when: 'call.effect == "Read" && has(call.args.name) && call.args.name == "vault"'
              obligations:
                redactArguments: [$.password]
                redactResult: [$..secret]
                maxResultBytes: 64
                headers: {X-Ticket: CHG-1}
            - {name: models, effect: Allow, when: 'call.kind == "Model"'}
            - {name: reads, effect: Allow, when: 'call.effect == "Read" || call.effect == "IdempotentWrite"'}
            - {name: free-writes, effect: Allow, when: 'call.tool == "restart" && has(call.args.name) && call.args.name == "free"'}
            - name: writes
              effect: RequireApproval
              when: 'call.tool == "restart" && has(call.args.name) && !(call.args.name in ["free", "mine"])'
              approvers: {groups: ["castellan:approvers"]}
              expiresAfterSeconds: 600
            - name: hasty
              effect: RequireApproval
              when: 'call.tool == "restart" && has(call.args.name) && call.args.name == "hasty"'
              approvers: {groups: ["castellan:approvers"]}
              expiresAfterSeconds: 1
            - {name: sure, effect: RequireConfirmation, when: 'call.tool == "restart" && has(call.args.name) && call.args.name in ["mine", "prized"]'}
            - name: two
              effect: RequireApproval
              when: 'call.tool == "restart" && has(call.args.name) && call.args.name == "prized"'
              approvers: {groups: [dba], when: 'approver.user != agent.name', quorum: 2}
            - {name: core-stays, effect: Deny, when: 'call.tool == "restart" && has(call.args.name) && call.args.name == "core"'}
            - {name: ledger-stays, effect: Deny, when: 'call.tool == "resources/read" && has(call.args.uri) && call.args.uri == "ops://ledger"'}
            - {name: never, effect: Deny, when: 'call.effect == "Destructive"'}
        {{extra}}
        """;

    private static KubeResource ResourceOf(JsonObject item)
    {
        var version = item["apiVersion"]!.GetValue<string>();
        var kind = item["kind"]!.GetValue<string>();
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        var plural = kind.EndsWith('y') ? $"{kind.ToLowerInvariant()[..^1]}ies" : $"{kind.ToLowerInvariant()}s";
        var namespaced = item["metadata"]!["namespace"] is not null;
        return new KubeResource(slash < 0 ? "" : version[..slash], slash < 0 ? version : version[(slash + 1)..], kind, plural, namespaced);
    }

    private static async Task ServedAsync(KubeConnection kube, string plural)
    {
        var resource = new KubeResource("castellan.dev", "v1alpha1", "x", plural, true);
        for (var i = 0; ; i++)
        {
            try
            {
                await kube.ListAsync(resource);
                return;
            }
            catch (KubeException e) when (e.IsNotFound && i < 200)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
            }
        }
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Agents.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Agents.sln is in no folder above the tests");
        }

        return folder;
    }
}
