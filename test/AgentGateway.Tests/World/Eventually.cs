namespace Castellan.AgentGateway.Tests.World;

/// <summary>Waits for what other threads bring about; fails after a minute.</summary>
internal static class Eventually
{
    internal static async Task TrueAsync(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, deadline.Token);
        }
    }
}
