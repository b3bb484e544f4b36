using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Authorization;
using Castellan.LocalCluster.Json;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>Kinds that ask a question and are not stored: whose token is this, may they do that, who am I.</summary>
internal sealed class ReviewEndpoints(Authenticator authenticator, RbacAuthorizer authorizer)
{
    public async Task ServeAsync(RequestContext request)
    {
        var body = await WriteEndpoints.ReadObjectAsync(request, request.WriteOptions()).ConfigureAwait(false);
        var spec = body.Member("spec");
        body["kind"] = request.Resource.Kind;
        body["apiVersion"] = request.Resource.ApiVersion;
        body.Metadata();
        body["status"] = request.Resource.Plural switch
        {
            "tokenreviews" => ReviewToken(spec),
            "selfsubjectreviews" => new JsonObject { ["userInfo"] = Describe(request.User) },
            "selfsubjectaccessreviews" => ReviewAccess(request.User, spec, null),
            "subjectaccessreviews" => ReviewAccess(Subject(spec), spec, null),
            "localsubjectaccessreviews" => ReviewAccess(Subject(spec), spec, request.Info.Namespace),
            "selfsubjectrulesreviews" => Rules(request.User, spec.Text("namespace") ?? throw ApiErrors.BadRequest("no namespace on request")),
            _ => throw ApiErrors.UnknownPath(),
        };
        await Responses.WriteAsync(request.Http, 201, body).ConfigureAwait(false);
    }

    private JsonObject ReviewToken(JsonObject spec)
    {
        var token = spec.Text("token");
        if (string.IsNullOrEmpty(token)) throw ApiErrors.BadRequest("token is required for TokenReview in authentication");
        var asked = spec.Array("audiences").Texts().ToArray();
        var found = authenticator.AuthenticateToken(token, asked.Length > 0 ? asked : Authenticator.ApiAudiences);
        if (found is not { } hit) return new JsonObject { ["user"] = new JsonObject() };
        return new JsonObject { ["authenticated"] = true, ["user"] = Describe(hit.User), ["audiences"] = hit.Audiences.ToJsonArray() };
    }

    private JsonObject ReviewAccess(UserInfo user, JsonObject spec, string? ns)
    {
        var access = Access(user, spec, ns);
        if (authorizer.IsAllowed(access)) return new JsonObject { ["allowed"] = true };
        return new JsonObject { ["allowed"] = false };
    }

    private static AccessRequest Access(UserInfo user, JsonObject spec, string? ns)
    {
        if (spec.Object("resourceAttributes") is { } resource)
        {
            if (spec.Object("nonResourceAttributes") is not null) throw ApiErrors.BadRequest("cannot specify both resourceAttributes and nonResourceAttributes");
            var wanted = resource.Text("namespace") ?? "";
            if (ns is not null && wanted != ns) throw ApiErrors.BadRequest($"spec.resourceAttributes.namespace must match namespace: {ns}");
            return new AccessRequest(user, resource.Text("verb") ?? "")
            {
                Group = resource.Text("group") ?? "", Version = resource.Text("version") ?? "", Resource = resource.Text("resource") ?? "",
                Subresource = resource.Text("subresource") ?? "", Namespace = wanted, Name = resource.Text("name") ?? "",
            };
        }
        var path = spec.Object("nonResourceAttributes") ?? throw ApiErrors.BadRequest("exactly one of nonResourceAttributes or resourceAttributes must be specified");
        return new AccessRequest(user, path.Text("verb") ?? "") { IsResource = false, Path = path.Text("path") ?? "" };
    }

    private static UserInfo Subject(JsonObject spec)
    {
        var (user, groups) = (spec.Text("user") ?? "", spec.Array("groups").Texts().ToArray());
        if (user.Length == 0 && groups.Length == 0) throw ApiErrors.BadRequest("spec.user: Required value: at least one of user or group must be specified");
        return new UserInfo(user, groups) { Uid = spec.Text("uid") ?? "" };
    }

    private JsonObject Rules(UserInfo user, string ns)
    {
        var rules = authorizer.RulesOf(user, ns).ToList();
        return new JsonObject
        {
            ["resourceRules"] = rules.Where(r => r.Paths.Length == 0).Select(r => (JsonNode)r.ToJson()).ToArrayNode(),
            ["nonResourceRules"] = rules.Where(r => r.Paths.Length > 0).Select(r => (JsonNode)r.ToJson()).ToArrayNode(),
            ["incomplete"] = false,
        };
    }

    private static JsonObject Describe(UserInfo user)
    {
        var info = new JsonObject { ["username"] = user.Name };
        if (user.Uid.Length > 0) info["uid"] = user.Uid;
        info["groups"] = user.Groups.ToJsonArray();
        if (user.Extra.Count == 0) return info;
        var extra = new JsonObject();
        foreach (var (key, values) in user.Extra) extra[key] = values.ToJsonArray();
        info["extra"] = extra;
        return info;
    }
}
