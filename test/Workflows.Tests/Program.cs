using Castellan.Workflows.Tests.Crashes;
using Castellan.Workflows.Tests.Faults;

// The processes that crash and fault tests start: one role each, until it is killed or its input ends.
await (args switch
{
    ["sidecar", var folder, var index] => CrashRoles.SidecarAsync(folder, int.Parse(index)),
    ["disk", var folder] => DiskRole.RunAsync(folder),
    ["open", var folder] => DiskRole.OpenAsync(folder),
    ["worker", var folder, var index] => CrashRoles.WorkerAsync(folder, int.Parse(index)),
    ["claim", var folder] => ClaimRole.RunAsync(folder),
    _ => throw new ArgumentException("usage: sidecar FOLDER INDEX | worker FOLDER INDEX | disk FOLDER | open FOLDER | claim FOLDER"),
});
