using System.Globalization;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Selectors;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>An authenticated, authorized request for a resource.</summary>
internal sealed record RequestContext(HttpContext Http, RequestInfo Info, UserInfo User, ResourceDefinition Resource)
{
    public CancellationToken Aborted => Http.RequestAborted;

    public ObjectKey Key => new(Resource.StorageKey, Resource.Namespaced ? Info.Namespace : "", Info.Name);

    /// <summary>The namespace asked for; null means all of them.</summary>
    public string? Namespace => Resource.Namespaced && Info.Namespace.Length > 0 ? Info.Namespace : null;

    public string Query(string name) => Http.Request.Query[name].ToString();

    public bool Flag(string name) => Query(name) is "true" or "1" || (Http.Request.Query.ContainsKey(name) && Query(name).Length == 0);

    public long? Number(string name) => Query(name) is { Length: > 0 } text
        ? long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiErrors.BadRequest($"invalid value for parameter \"{name}\": \"{text}\" is not a number")
        : null;

    public LabelSelector Labels() => Selector(LabelSelector.Parse, "labelSelector");

    public FieldSelector Fields() => Selector(FieldSelector.Parse, "fieldSelector");

    public WriteOptions WriteOptions()
    {
        var dryRun = Query("dryRun");
        if (dryRun is not ("" or "All")) throw ApiErrors.BadRequest($"invalid dryRun value \"{dryRun}\": only \"All\" is supported");
        var manager = Query("fieldManager");
        return new WriteOptions
        {
            DryRun = dryRun == "All",
            FieldManager = manager.Length > 0 ? manager : ManagerFromUserAgent(),
            Force = Flag("force"),
            Subresource = Info.Subresource,
            FieldValidation = Query("fieldValidation") switch
            {
                "" or "Warn" => FieldValidation.Warn,
                "Ignore" => FieldValidation.Ignore,
                "Strict" => FieldValidation.Strict,
                var other => throw ApiErrors.BadRequest($"fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
            },
        };
    }

    private T Selector<T>(Func<string, T> parse, string name)
    {
        try
        {
            return parse(Query(name));
        }
        catch (FormatException e)
        {
            throw ApiErrors.BadRequest(e.Message);
        }
    }

    private string ManagerFromUserAgent()
    {
        var agent = Http.Request.Headers.UserAgent.ToString();
        var end = agent.AsSpan().IndexOfAny('/', ' ');
        var name = end < 0 ? agent : agent[..end];
        return name.Length > 0 ? name : "unknown";
    }
}
