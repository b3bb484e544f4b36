using System.CommandLine;
using Castellan.Cli.Agents;
using Castellan.Cli.Approvals;
using Castellan.Cli.Audit;
using Castellan.Cli.Budgets;
using Castellan.Cli.Cel;
using Castellan.Cli.Crds;
using Castellan.Cli.Demo;
using Castellan.Cli.Doctor;
using Castellan.Cli.Identity;
using Castellan.Cli.Local;
using Castellan.Cli.Policies;
using Castellan.Cli.Proxy;
using Castellan.Cli.Resources;
using Castellan.Cli.Runs;
using Castellan.Cli.Tools;
using Castellan.Cli.Workflows;

namespace Castellan.Cli.CommandLine;

/// <summary>The whole command line.</summary>
internal static class CastellanCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Castellan: agents on Kubernetes whose every model and tool call is authenticated, decided by policy, durable and audited.")
        {
            DemoCommand.Create(),
            UpCommand.Create(),
            DownCommand.Create(),
            StatusCommand.Create(),
            ApplyCommand.Create(),
            GetCommand.Create(),
            ChatCommand.Create(),
            RunsCommand.Create(),
            ApprovalsCommand.Create(),
            ApproveCommand.CreateApprove(),
            ApproveCommand.CreateConfirm(),
            ApproveCommand.CreateRefuse(),
            AuditCommand.Create(),
            WorkflowsCommand.Create(),
            PolicyCommand.Create(),
            ToolsCommand.Create(),
            BudgetsCommand.Create(),
            ProxyCommand.Create(),
            CelCommand.Create(),
            IdentityCommand.Create(),
            DoctorCommand.Create(),
            CrdsCommand.Create(),
        };
        root.Add(GlobalOptions.State);
        root.Add(GlobalOptions.As);
        ExampleHelp.With(root, "castellan demo                     # the whole job, narrated", "castellan up -d && castellan apply -f examples/01-sre-triage --wait", "castellan chat triage \"why is checkout failing?\"");
        ExampleHelp.Install(root);
        return root;
    }
}
