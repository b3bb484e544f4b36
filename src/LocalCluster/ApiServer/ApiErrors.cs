using System.Text.Json.Nodes;
using Castellan.LocalCluster.Resources;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>The errors of the Kubernetes API, with the real server's reasons and messages.</summary>
internal static class ApiErrors
{
    public static ApiException NotFound(ResourceDefinition resource, string name) =>
        new(404, "NotFound", $"{resource.QualifiedName} \"{name}\" not found") { Details = About(resource, name) };

    public static ApiException UnknownPath() => new(404, "NotFound", "the server could not find the requested resource") { Details = [] };

    public static ApiException AlreadyExists(ResourceDefinition resource, string name) =>
        new(409, "AlreadyExists", $"{resource.QualifiedName} \"{name}\" already exists") { Details = About(resource, name) };

    public static ApiException Conflict(ResourceDefinition resource, string name, string detail =
        "the object has been modified; please apply your changes to the latest version and try again") =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {resource.QualifiedName} \"{name}\": {detail}") { Details = About(resource, name) };

    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiException Forbidden(ResourceDefinition resource, string name, string detail) =>
        new(403, "Forbidden", name.Length == 0
            ? $"{resource.QualifiedName} is forbidden: {detail}"
            : $"{resource.QualifiedName} \"{name}\" is forbidden: {detail}")
        { Details = About(resource, name) };

    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { Details = [] };

    public static ApiException NotAcceptable(string supported) =>
        new(406, "NotAcceptable", $"only the following media types are accepted: {supported}");

    public static ApiException UnsupportedMediaType(string given, string supported) => new(415, "UnsupportedMediaType",
        $"the body of the request was in an unknown format - accepted media types include: {supported} (it was \"{given}\")");

    public static ApiException Expired(string message) => new(410, "Expired", message);

    public static ApiException TooLarge(long limit) =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {limit}");

    public static ApiException Internal(string message) => new(500, "InternalError", $"Internal error occurred: {message}");

    public static ApiException Unavailable(string message) => new(503, "ServiceUnavailable", message);

    /// <summary>Faults of an object, all of them in one message.</summary>
    public static ApiException Invalid(ResourceDefinition resource, string name, IReadOnlyList<FieldFault> faults)
    {
        var kind = resource.Group.Length == 0 ? resource.Kind : $"{resource.Kind}.{resource.Group}";
        var all = faults.Count == 1 ? faults[0].ToString() : $"[{string.Join(", ", faults)}]";
        var details = new JsonObject { ["name"] = name };
        if (resource.Group.Length > 0) details["group"] = resource.Group;
        details["kind"] = resource.Kind;
        details["causes"] = new JsonArray([.. faults.Select(f => (JsonNode?)new JsonObject
        {
            ["reason"] = f.Reason, ["message"] = f.Message, ["field"] = f.Field,
        })]);
        return new ApiException(422, "Invalid", $"{kind} \"{name}\" is invalid: {all}") { Details = details };
    }

    private static JsonObject About(ResourceDefinition resource, string name)
    {
        var details = new JsonObject();
        if (name.Length > 0) details["name"] = name;
        if (resource.Group.Length > 0) details["group"] = resource.Group;
        details["kind"] = resource.Plural;
        return details;
    }
}
