using Castellan.Workflows.Tests.Crashes;

// The process that crash tests kill: one of its roles, until it is killed or its input ends.
await (args switch
{
    ["all", var folder] => CrashRoles.AllAsync(folder),
    ["sidecar", var folder, var port] => CrashRoles.SidecarAsync(folder, int.Parse(port)),
    ["worker", var folder, var port] => CrashRoles.WorkerAsync(folder, int.Parse(port)),
    _ => throw new ArgumentException("usage: all FOLDER | sidecar FOLDER PORT | worker FOLDER PORT"),
});
