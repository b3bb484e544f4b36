using BenchmarkDotNet.Running;
using Castellan.Benchmarks.Workflows;

if (args is ["workflows"])
{
    await WorkflowRates.RunAsync(); // latencies by percentile and rates under load, which BenchmarkDotNet does not measure
    return 0;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
