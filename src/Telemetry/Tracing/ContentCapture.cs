namespace Castellan.Telemetry.Tracing;

/// <summary>Whether spans may hold what a call said: a decision about the whole process, and off unless its environment says otherwise.</summary>
public static class ContentCapture
{
    /// <summary>The variable that turns it on with <c>true</c>, as OpenTelemetry's own instrumentations call it.</summary>
    public const string Variable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT";

    /// <summary>Longest text of one attribute.</summary>
    public const int LongestText = 4096;

    private static volatile bool s_isOn;

    /// <summary>True lets arguments (redacted) and results of tools into spans.</summary>
    public static bool IsOn
    {
        get => s_isOn;
        set => s_isOn = value;
    }

    /// <summary>As much of a text as an attribute takes.</summary>
    public static string? Cut(string? text) => text is { Length: > LongestText } ? $"{text[..LongestText]}…" : text;
}
