using Castellan.AgentApi;
using Castellan.AgentController.Workloads;
using Castellan.KubeApi.Apps;
using Castellan.KubeApi.Core;

namespace Castellan.AgentController.Tests.Workloads;

public sealed class WorkloadHealthTests
{
    [Fact]
    public void Of_WhenThereIsNoDeployment_IsProgressing() => Assert.Equal("Progressing", WorkloadHealth.Of(null, []).Reason);

    [Theory]
    [InlineData(1, 1, 1, 1, "Ready")]
    [InlineData(1, 0, 1, 1, "Progressing")]
    [InlineData(0, 1, 1, 1, "Progressing")] // the pod of the old revision is still the one that runs
    [InlineData(1, 1, 2, 1, "Progressing")] // an old pod is still ending
    [InlineData(1, 1, 1, 0, "Progressing")] // the Deployment controller has not seen the new spec yet
    public void Of_WithoutFailures_FollowsTheRollout(int updated, int available, int total, long observed, string reason) =>
        Assert.Equal(reason, WorkloadHealth.Of(Given.Deployment(updated, available, total, observed), []).Reason);

    [Theory]
    [InlineData("CrashLoopBackOff")]
    [InlineData("ImagePullBackOff")]
    [InlineData("CreateContainerConfigError")]
    public void Of_WhenAContainerIsStuck_QuotesTheReason(string reason)
    {
        var pod = Given.Pod("p", new ContainerStatus { Name = "castellan", State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = reason, Message = "back-off" } } });
        var verdict = WorkloadHealth.Of(Given.Deployment(1), [pod]);
        Assert.Equal("PodsFailing", verdict.Reason);
        Assert.Contains($"pod p, container castellan: {reason}: back-off", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenAContainerKeepsCrashing_QuotesItsLastWords()
    {
        var pod = Given.Pod("p", new ContainerStatus
        {
            Name = "castellan",
            State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = "CrashLoopBackOff" } },
            LastState = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 134, Reason = "Error", Message = "starting\nno X509-SVID\n" } },
        });
        Assert.Contains("last exit code 134, Error: no X509-SVID)", WorkloadHealth.Of(Given.Deployment(1), [pod]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenAContainerIsBeingCreated_IsProgressing()
    {
        var pod = Given.Pod("p", new ContainerStatus { Name = "castellan", State = new ContainerState { Waiting = new ContainerStateWaiting { Reason = "ContainerCreating" } } });
        Assert.Equal("Progressing", WorkloadHealth.Of(Given.Deployment(1), [pod]).Reason);
    }

    [Fact]
    public void Of_WhenAContainerEnded_QuotesItsExitCode()
    {
        var pod = Given.Pod("p", new ContainerStatus { Name = "server", State = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 3, Reason = "Error" } } });
        Assert.Contains("exit code 3 (Error)", WorkloadHealth.Of(Given.Deployment(1), [pod]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_WhenAPodCannotBePlaced_QuotesTheScheduler()
    {
        var pod = Given.Pod("p", condition: new PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "0/1 nodes are available" });
        Assert.Equal(Verdict.No("PodsFailing", "pod p cannot be placed: Unschedulable: 0/1 nodes are available"), WorkloadHealth.Of(Given.Deployment(1), [pod]));
    }

    [Fact]
    public void Of_WhenAnEndingPodFails_DoesNotMind()
    {
        var pod = Given.Pod("p", new ContainerStatus { Name = "c", State = new ContainerState { Terminated = new ContainerStateTerminated { ExitCode = 143 } } });
        pod.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Equal("Progressing", WorkloadHealth.Of(Given.Deployment(1), [pod]).Reason);
    }

    [Fact]
    public void Of_WhenNoPodMayBeCreated_QuotesTheDeployment()
    {
        var deployment = Given.Deployment();
        deployment.Status!.Conditions = [new DeploymentCondition { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "exceeded quota" }];
        Assert.Equal(Verdict.No("PodsFailing", "Deployment agent-triage: FailedCreate: exceeded quota"), WorkloadHealth.Of(deployment, []));
    }
}
