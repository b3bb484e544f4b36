using System.CommandLine;
using Castellan.Cli.Access;
using Castellan.Cli.CommandLine;
using Castellan.GatewayApi;

namespace Castellan.Cli.Demo;

/// <summary>The script of the demo: <c>examples/01-sre-triage</c> from nothing to a verified audit log.</summary>
internal sealed class SreTriageDemo(DemoStage stage, string? model)
{
    private const string Example = "examples/01-sre-triage";

    public async Task PlayAsync(CancellationToken ct)
    {
        stage.Say("Start the system: an embedded cluster, an identity authority, the controller and the gateway");
        string[] up = ["up", "-d", "--api-port", "0", "--gateway-port", "0"];
        await stage.RunAsync(ct, ExitCode.Success, model is null ? up : [.. up, "--model", model]);

        stage.Say("Declare a failing shop, an agent, its tools and its policy; wait until they are ready");
        await stage.RunAsync(ct, ExitCode.Success, "apply", "-f", DemoStage.FolderOf(Example), "--wait");
        await stage.RunAsync(ct, ExitCode.Success, "get", "agents");
        await stage.RunAsync(ct, ExitCode.Success, "get", "pods", "-n", "shop");

        stage.Say("Ask the agent; every call it makes is decided by policy");
        await stage.RunAsync(ct, ExitCode.Success, "chat", "triage", "why is checkout failing?");

        stage.Say("Ask for the fix; the call that changes something waits for a second person");
        await stage.RunAsync(ct, ExitCode.AwaitingApproval, "chat", "triage", "fix it");
        var waiting = await PendingAsync(ct);

        stage.Say("The one who asked cannot approve it");
        await stage.RunAsync(ct, ExitCode.Failure, "approve", waiting.CallId);

        stage.Say("Approve it as someone else, and watch the run end");
        await stage.RunAsync(ct, ExitCode.Success, "approve", waiting.CallId, "--as", "approver");
        await stage.RunAsync(ct, ExitCode.Success, "runs", "follow", waiting.RunId!);

        stage.Say("The workload is healthy");
        await stage.RunAsync(ct, ExitCode.Success, "get", "pods", "-n", "shop");

        stage.Say("The audit log holds every call, decision and approval, and proves that none was changed");
        await stage.RunAsync(ct, ExitCode.Success, "audit", "show", waiting.CallId);
        await stage.RunAsync(ct, ExitCode.Success, "audit", "verify");

        stage.Say("Stop");
    }

    private async Task<Approval> PendingAsync(CancellationToken ct)
    {
        using var gateway = GatewayAccess.Open(CastellanCommand.Create().Parse(["approvals", "list", "--state", stage.Paths.Root]));
        return (await gateway.Client.ListApprovalsAsync(ApprovalState.Pending, ct)) is [var only, ..]
            ? only
            : throw new CommandFailure("no call waits for an approval", "run the demo again with --keep and look at 'castellan approvals list --all'");
    }
}
