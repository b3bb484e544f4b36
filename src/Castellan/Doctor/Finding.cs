namespace Castellan.Cli.Doctor;

/// <summary>How bad a finding is.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, within a limit that the user should know.</summary>
    Limit,

    /// <summary>Local mode will not work.</summary>
    Problem,
}

/// <summary>What one check found.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Remedy">What to do; empty when nothing.</param>
internal sealed record Finding(string Subject, Severity Severity, string Detail, string Remedy = "");
