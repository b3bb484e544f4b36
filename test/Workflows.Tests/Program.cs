using Castellan.Workflows.Tests.Crashes;

// The processes that crash tests kill: one role each, until it is killed or its input ends.
await (args switch
{
    ["sidecar", var folder, var index] => CrashRoles.SidecarAsync(folder, int.Parse(index)),
    ["worker", var folder, var index] => CrashRoles.WorkerAsync(folder, int.Parse(index)),
    _ => throw new ArgumentException("usage: sidecar FOLDER INDEX | worker FOLDER INDEX"),
});
