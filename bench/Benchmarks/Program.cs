using BenchmarkDotNet.Running;
using Castellan.Benchmarks.Audit;
using Castellan.Benchmarks.Workflows;
using Castellan.Storage;

if (args is ["workflows", ..])
{
    await WorkflowRates.RunAsync(args is [_, var location] ? StoreLocation.Parse(location) : null); // latencies by percentile and rates under load, which BenchmarkDotNet does not measure
    return 0;
}

if (args is ["audit", ..])
{
    // audit [LOCATION|sqlite] [LARGEST]: dotnet run -c Release --project bench/Benchmarks -- audit
    await AuditRates.RunAsync(args is [_, { } database, ..] && database != "sqlite" ? StoreLocation.Parse(database) : null,
        args is [_, _, { } largest] ? long.Parse(largest, System.Globalization.CultureInfo.InvariantCulture) : 1_000_000);
    return 0;
}

if (args is ["workflow-growth", ..])
{
    await WorkflowGrowth.RunAsync(args is [_, var idle] ? int.Parse(idle, System.Globalization.CultureInfo.InvariantCulture) : 100_000);
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
