using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Castellan.ServiceDefaults.Tests;

public sealed class ServiceHostTests
{
    [Fact]
    public async Task Start_WhenOptionsHaveFaults_ListsAllOfThem()
    {
        var builder = ServiceHost.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("Sample:Count", "-1"), new("Sample:Name", "")]);
        builder.Services.AddOptions<SampleOptions>().BindConfiguration("Sample").Check();
        await using var app = builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync());
        Assert.Equal(["Sample:Count is -1; set 0 or more", "Sample:Name is empty; set a name"], ServiceHost.Problems(error));
    }

    [Fact]
    public async Task Run_WhenStartFails_AnswersOne() =>
        Assert.Equal(1, await ServiceHost.RunAsync(_ => throw new IOException("port 8443 is in use; choose another")));

    [Fact]
    public void MakeUndumpable_HidesTheMemory()
    {
        ProcessHardening.MakeUndumpable();
        Assert.Equal(0, Prctl(3, 0, 0, 0, 0)); // PR_GET_DUMPABLE
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "prctl")]
    private static extern int Prctl(int option, ulong second, ulong third, ulong fourth, ulong fifth);

    private sealed class SampleOptions : ICheckedOptions
    {
        public int Count { get; set; }

        public string Name { get; set; } = "x";

        public IEnumerable<string> Faults()
        {
            if (Count < 0)
            {
                yield return $"Sample:Count is {Count}; set 0 or more";
            }

            if (Name.Length == 0)
            {
                yield return "Sample:Name is empty; set a name";
            }
        }
    }
}
