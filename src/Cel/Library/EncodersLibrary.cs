using System.Buffers.Text;

namespace Castellan.Cel.Library;

/// <summary>base64.encode and base64.decode.</summary>
internal static class EncodersLibrary
{
    public static IEnumerable<CelOverload> Overloads() =>
    [
        CelOverload.Global("base64.encode", [CelType.Bytes], CelType.String, a => CelValue.From(Convert.ToBase64String(a[0].Octets))),
        CelOverload.Global("base64.decode", [CelType.String], CelType.Bytes, a => Decode(a[0].Text)),
    ];

    /// <summary>Decodes with or without padding.</summary>
    private static CelValue Decode(string text)
    {
        var padded = text.Length % 4 is var rest && rest > 0 ? text + new string('=', 4 - rest) : text;
        return Base64.IsValid(padded) ? CelValue.From(Convert.FromBase64String(padded)) : CelValue.Fail("the text is no base64");
    }
}
