namespace Castellan.ServiceDefaults;

/// <summary>Options that list their own faults.</summary>
public interface ICheckedOptions
{
    /// <summary>Every fault as "key is value; remedy"; empty when there is none.</summary>
    IEnumerable<string> Faults();
}
