using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Json;
using Castellan.LocalCluster.Store;
using Castellan.LocalCluster.Writes;
using Microsoft.AspNetCore.Http;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>TokenRequest: a token for a service account, bound to a pod when the request names one.</summary>
internal sealed class TokenEndpoint(ObjectStore store, ServiceAccountTokens tokens)
{
    private const long MinSeconds = 600;
    private const long MaxSeconds = 1L << 32;
    private const long DefaultSeconds = 3600;

    public async Task IssueAsync(RequestContext request)
    {
        var account = store.Find(request.Key) ?? throw ApiErrors.NotFound(request.Resource, request.Info.Name);
        var body = await WriteEndpoints.ReadObjectAsync(request, request.WriteOptions()).ConfigureAwait(false);
        var spec = body.Member("spec");
        var seconds = spec.Integer("expirationSeconds") ?? DefaultSeconds;
        if (seconds is < MinSeconds or > MaxSeconds)
        {
            var detail = seconds < MinSeconds ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds";
            throw ApiErrors.Invalid(request.Resource with { Kind = "TokenRequest", Group = "authentication.k8s.io" }, "",
                [FieldFault.Invalid("spec.expirationSeconds", $"{seconds}", detail)]);
        }
        var audiences = spec.Array("audiences").Texts().ToArray();
        if (audiences.Length == 0) audiences = [.. Authenticator.ApiAudiences];
        var subject = Bind(new TokenSubject(account.Key.Namespace, account.Key.Name, account.Uid), spec.Object("boundObjectRef"));
        var (token, expires) = tokens.Issue(subject, audiences, TimeSpan.FromSeconds(seconds));
        spec["audiences"] = audiences.ToJsonArray();
        spec["expirationSeconds"] = seconds;
        await Responses.WriteAsync(request.Http, 201, new JsonObject
        {
            ["kind"] = "TokenRequest", ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject { ["name"] = account.Key.Name, ["namespace"] = account.Key.Namespace },
            ["spec"] = spec.DeepClone(),
            ["status"] = new JsonObject { ["token"] = token, ["expirationTimestamp"] = ObjectWriter.Timestamp(expires) },
        }).ConfigureAwait(false);
    }

    public JsonObject KeySet() => tokens.KeySet();

    public static JsonObject Discovery(HttpContext http) => new()
    {
        ["issuer"] = ServiceAccountTokens.Issuer,
        ["jwks_uri"] = $"https://{http.Request.Host}/openid/v1/jwks",
        ["response_types_supported"] = new JsonArray("id_token"),
        ["subject_types_supported"] = new JsonArray("public"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("ES256"),
    };

    private TokenSubject Bind(TokenSubject subject, JsonObject? reference)
    {
        if (reference is null) return subject;
        if (reference.Text("kind") != "Pod" || reference.Text("apiVersion") != "v1")
        {
            throw ApiErrors.BadRequest($"cannot bind token for serviceaccount to {reference.Text("kind")}; only v1 Pod is supported");
        }
        var name = reference.Text("name") ?? "";
        if (store.Find(new ObjectKey("/pods", subject.Namespace, name)) is not { } pod)
        {
            throw new ApiException(404, "NotFound", $"pods \"{name}\" not found") { Details = new() { ["name"] = name, ["kind"] = "pods" } };
        }
        if (reference.Text("uid") is { Length: > 0 } uid && uid != pod.Uid)
        {
            throw new ApiException(409, "Conflict",
                $"Operation cannot be fulfilled on pods \"{name}\": the UID in the bound object reference ({uid}) does not match the UID in record. "
                + "The object might have been deleted and then recreated");
        }
        var account = JsonObjects.Parse(pod.Json).Object("spec").Text("serviceAccountName");
        if (account != subject.Name) throw ApiErrors.BadRequest($"cannot bind token for serviceaccount \"{subject.Name}\" to pod running with different serviceaccount name.");
        return subject with { PodName = name, PodUid = pod.Uid };
    }
}
