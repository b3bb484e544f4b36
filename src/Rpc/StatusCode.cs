namespace Castellan.Rpc;

/// <summary>How a gRPC call ended.</summary>
/// <remarks>Source: gRPC core, doc/statuscodes.md. The numbers travel in the <c>grpc-status</c> trailer.</remarks>
public enum StatusCode
{
    /// <summary>The call succeeded.</summary>
    OK = 0,

    /// <summary>The caller gave up.</summary>
    Cancelled = 1,

    /// <summary>The server failed and did not say why.</summary>
    Unknown = 2,

    /// <summary>The request is wrong whatever the state of the server; do not retry.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline passed before an answer came.</summary>
    DeadlineExceeded = 4,

    /// <summary>What was asked for does not exist.</summary>
    NotFound = 5,

    /// <summary>What was to be created exists.</summary>
    AlreadyExists = 6,

    /// <summary>The caller is known and may not do this.</summary>
    PermissionDenied = 7,

    /// <summary>A limit was reached, for example the size of a message.</summary>
    ResourceExhausted = 8,

    /// <summary>The server is not in the state that this call needs; do not retry until it is.</summary>
    FailedPrecondition = 9,

    /// <summary>A conflict with another call; retry the whole sequence.</summary>
    Aborted = 10,

    /// <summary>A position beyond the end.</summary>
    OutOfRange = 11,

    /// <summary>The server does not know this method or this feature; do not retry.</summary>
    Unimplemented = 12,

    /// <summary>The protocol was broken.</summary>
    Internal = 13,

    /// <summary>The server cannot be reached now; retry with backoff.</summary>
    Unavailable = 14,

    /// <summary>Data was lost.</summary>
    DataLoss = 15,

    /// <summary>The caller did not prove who it is.</summary>
    Unauthenticated = 16,
}
