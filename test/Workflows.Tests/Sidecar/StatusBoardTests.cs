using Castellan.Workflows.Protocol;
using Castellan.Workflows.Sidecar;

namespace Castellan.Workflows.Tests.Sidecar;

public sealed class StatusBoardTests
{
    private static InstanceRow Row(OrchestrationStatus status) => new() { Id = "one", ExecutionId = "e", Name = "n", Status = status };

    [Fact]
    public async Task Wait_WhenTwoChangesComeAtOnce_SeesTheLast()
    {
        for (var round = 0; round < 200; round++)
        {
            var board = new StatusBoard();
            var waiting = board.WaitAsync("one", () => Task.FromResult<InstanceRow?>(Row(OrchestrationStatus.Pending)), row => row is { IsEnded: true }, TestSidecar.Limit());
            board.Publish("one", Row(OrchestrationStatus.Running)); // wakes the wait, which goes on elsewhere
            board.Publish("one", Row(OrchestrationStatus.Completed));
            Assert.Equal(OrchestrationStatus.Completed, (await waiting)!.Status);
        }
    }

    [Fact]
    public async Task Wait_WhenTheInstanceIsGone_Ends()
    {
        var board = new StatusBoard();
        var waiting = board.WaitAsync("one", () => Task.FromResult<InstanceRow?>(Row(OrchestrationStatus.Running)), row => row is null or { IsEnded: true }, TestSidecar.Limit());
        board.Publish("one", null);
        Assert.Null(await waiting);
    }
}
