namespace Castellan.ServiceDefaults;

/// <summary>The exit code that a service wants when it stops the application by itself; 0 unless set.</summary>
public sealed class ProcessExit
{
    /// <summary>The exit code.</summary>
    public int Code { get; set; }
}
