namespace Castellan.Cel;

/// <summary>What sort of type a <see cref="CelType"/> is.</summary>
internal enum CelTypeKind : byte
{
    Dyn,
    Null,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Timestamp,
    Duration,
    Type,
    List,
    Map,
    Optional,
    Object,
    Opaque,
    Parameter,
}
