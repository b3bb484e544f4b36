namespace Castellan.Cel;

/// <summary>What a <see cref="CelValue"/> holds.</summary>
public enum CelKind : byte
{
    /// <summary>Nothing: a variable that was never set.</summary>
    Undefined,

    /// <summary>The evaluation failed; see <see cref="CelValue.Error"/>.</summary>
    Error,

    /// <summary>The value is not known yet (partial evaluation).</summary>
    Unknown,

    /// <summary>The null value.</summary>
    Null,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>Signed integer of 64 bits.</summary>
    Int,

    /// <summary>Unsigned integer of 64 bits.</summary>
    Uint,

    /// <summary>IEEE 754 number of 64 bits.</summary>
    Double,

    /// <summary>Unicode text.</summary>
    String,

    /// <summary>Octets.</summary>
    Bytes,

    /// <summary>Ordered values.</summary>
    List,

    /// <summary>Values by key.</summary>
    Map,

    /// <summary>A type, as <c>type(x)</c> gives it.</summary>
    Type,

    /// <summary>A point in time, with nanoseconds.</summary>
    Timestamp,

    /// <summary>A span of time, with nanoseconds.</summary>
    Duration,

    /// <summary>A value that may be absent.</summary>
    Optional,

    /// <summary>A host's object with declared fields.</summary>
    Object,

    /// <summary>A value that only functions can look into, for example an IP address.</summary>
    Opaque,
}
