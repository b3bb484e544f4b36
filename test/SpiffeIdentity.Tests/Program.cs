using Castellan.SpiffeIdentity.Tests.Soak;

// The processes that the soak starts: one role each, until it is killed or its input ends.
await (args switch
{
    ["authority", var folder] => AuthorityRole.RunAsync(SoakSettings.Read(folder)),
    ["workload", var folder, var index] => WorkloadRole.RunAsync(SoakSettings.Read(folder), int.Parse(index)),
    _ => throw new ArgumentException("usage: authority FOLDER | workload FOLDER INDEX"),
});
