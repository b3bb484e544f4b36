namespace Castellan.Rpc.Wire.Hpack;

/// <summary>A header block, or a frame around one, that breaks HTTP/2; the connection ends.</summary>
internal sealed class HpackException(string message) : Exception(message);
