using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Castellan.ServiceDefaults;

/// <summary>Checks options when the host starts, all faults at once.</summary>
public static class CheckedOptions
{
    /// <summary>Refuses to start while <see cref="ICheckedOptions.Faults"/> lists any fault.</summary>
    public static OptionsBuilder<TOptions> Check<TOptions>(this OptionsBuilder<TOptions> builder)
        where TOptions : class, ICheckedOptions
    {
        builder.Services.AddSingleton<IValidateOptions<TOptions>>(new FaultList<TOptions>());
        return builder.ValidateOnStart();
    }

    private sealed class FaultList<TOptions> : IValidateOptions<TOptions> where TOptions : class, ICheckedOptions
    {
        public ValidateOptionsResult Validate(string? name, TOptions options)
        {
            var faults = options.Faults().ToList();
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
