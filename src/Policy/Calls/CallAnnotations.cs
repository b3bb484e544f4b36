using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>
/// What a tool server claims about a tool. Nobody has checked it: a rule may be stricter because of it, and more lenient only towards a
/// server that is trusted anyway. Where the server says nothing, the protocol's cautious defaults hold.
/// </summary>
/// <remarks>Source: Model Context Protocol, ToolAnnotations.</remarks>
public sealed record CallAnnotations
{
    internal static CelType Type { get; } = CelType.Object("annotations",
        new("readOnly", CelType.Bool), new("destructive", CelType.Bool), new("idempotent", CelType.Bool), new("openWorld", CelType.Bool), new("title", CelType.String));

    private CelObject? _fields;

    /// <summary>The protocol's cautious defaults.</summary>
    public CallAnnotations()
    {
    }

    // A copy is made to be changed: it must not bring along the object of what it is a copy of.
    private CallAnnotations(CallAnnotations other) => (ReadOnly, Destructive, Idempotent, OpenWorld, Title) = (other.ReadOnly, other.Destructive, other.Idempotent, other.OpenWorld, other.Title);

    /// <summary>What is claimed of a tool whose server says nothing.</summary>
    public static CallAnnotations Silent { get; } = new();

    /// <summary>What holds for a call that is no tool's, and for a request whose method changes nothing.</summary>
    public static CallAnnotations Harmless { get; } = new() { ReadOnly = true, Destructive = false, Idempotent = true, OpenWorld = false };

    /// <summary>It changes nothing (<c>readOnlyHint</c>).</summary>
    public bool ReadOnly { get; init; }

    /// <summary>It may remove or overwrite something (<c>destructiveHint</c>).</summary>
    public bool Destructive { get; init; } = true;

    /// <summary>Doing it twice is the same as once (<c>idempotentHint</c>).</summary>
    public bool Idempotent { get; init; }

    /// <summary>It deals with a world that is not closed, like the web (<c>openWorldHint</c>).</summary>
    public bool OpenWorld { get; init; } = true;

    /// <summary>A name for people; empty if there is none.</summary>
    public string Title { get; init; } = "";

    /// <summary>Two are equal when they claim the same.</summary>
    public bool Equals(CallAnnotations? other) => other is not null
        && (ReadOnly, Destructive, Idempotent, OpenWorld, Title) == (other.ReadOnly, other.Destructive, other.Idempotent, other.OpenWorld, other.Title);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ReadOnly, Destructive, Idempotent, OpenWorld, Title);

    // One tool is called many times: conditions read the same object each time.
    internal CelValue Value => CelValue.From(_fields ??= new FieldValues(Type,
        [CelValue.From(ReadOnly), CelValue.From(Destructive), CelValue.From(Idempotent), CelValue.From(OpenWorld), CelValue.From(Title)]));
}
