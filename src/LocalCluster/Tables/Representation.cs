using Castellan.LocalCluster.ApiServer;

namespace Castellan.LocalCluster.Tables;

/// <summary>The forms an object can be answered in.</summary>
internal enum RepresentationKind
{
    Object,
    Table,
    Metadata,
}

/// <summary>The form that a request's Accept header asks for.</summary>
/// <param name="Kind">Which form.</param>
/// <param name="IncludeObject">For tables: what rows carry beside cells: Metadata, None or Object.</param>
/// <param name="TableVersion">For tables: v1 or v1beta1.</param>
internal readonly record struct Representation(RepresentationKind Kind, string IncludeObject, string TableVersion)
{
    public static Representation Negotiate(RequestContext request)
    {
        foreach (var header in request.Http.Request.Headers.Accept)
        {
            foreach (var choice in (header ?? "").Split(',', StringSplitOptions.TrimEntries))
            {
                var parts = choice.Split(';', StringSplitOptions.TrimEntries);
                if (parts[0] is not ("application/json" or "*/*" or "application/*")) continue;
                var version = parts.FirstOrDefault(p => p.StartsWith("v=", StringComparison.Ordinal))?[2..] ?? "v1";
                if (parts.Contains("as=Table"))
                {
                    var include = request.Query("includeObject");
                    return new Representation(RepresentationKind.Table, include.Length > 0 ? include : "Metadata", version);
                }
                if (parts.Contains("as=PartialObjectMetadata") || parts.Contains("as=PartialObjectMetadataList"))
                {
                    return new Representation(RepresentationKind.Metadata, "", version);
                }
                return default;
            }
        }
        return default;
    }
}
