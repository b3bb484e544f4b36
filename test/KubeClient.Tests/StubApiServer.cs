using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Castellan.KubeApi;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Castellan.KubeClient.Tests;

/// <summary>Just enough of an API server for a client's tests: a store with versions, pages and watches that can be broken on purpose.</summary>
internal sealed class StubApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Path, string Type, JsonObject Object, long Version)> _history = [];
    private readonly List<Channel<bool>> _watches = [];
    private long _version = 100;
    private long _compacted;

    private StubApiServer(WebApplication app) => _app = app;

    public ConcurrentQueue<(string Method, string PathAndQuery, string ContentType, IHeaderDictionary Headers, string Body)> Requests { get; } = new();

    /// <summary>Answers a request instead of the store, when it returns true.</summary>
    public Func<HttpContext, Task<bool>>? Override { get; set; }

    public Uri Address { get; private set; } = null!;

    public KubeConfig Config => new() { Server = Address };

    public static async Task<StubApiServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var server = new StubApiServer(builder.Build());
        server._app.Run(server.ServeAsync);
        await server._app.StartAsync();
        server.Address = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        BreakWatches();
        await _app.DisposeAsync();
    }

    /// <summary>Ends all watches without an error.</summary>
    public void BreakWatches()
    {
        lock (_gate)
        {
            foreach (var watch in _watches) watch.Writer.TryComplete();
            _watches.Clear();
        }
    }

    /// <summary>Forgets all history: watches from an older version answer 410.</summary>
    public void Compact()
    {
        lock (_gate) (_compacted, _) = (++_version, 0);
    }

    public int WatchCount
    {
        get { lock (_gate) return _watches.Count; }
    }

    private async Task ServeAsync(HttpContext http)
    {
        var body = await new StreamReader(http.Request.Body).ReadToEndAsync();
        Requests.Enqueue((http.Request.Method, http.Request.Path + http.Request.QueryString.ToString(), http.Request.ContentType ?? "", new HeaderDictionary(http.Request.Headers.ToDictionary()), body));
        if (Override is { } handle && await handle(http)) return;
        if (http.Request.Query["watch"] == "1") await WatchAsync(http);
        else await RespondAsync(http, body);
    }

    private async Task RespondAsync(HttpContext http, string body)
    {
        int code;
        JsonObject answer;
        lock (_gate) (code, answer) = Handle(http.Request, body);
        http.Response.StatusCode = code;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(answer.ToJsonString());
    }

    private (int, JsonObject) Handle(HttpRequest request, string body)
    {
        var path = request.Path.Value!;
        var sent = body.Length > 0 && request.Method != "DELETE" ? JsonNode.Parse(body) as JsonObject : null;
        switch (request.Method)
        {
            case "POST":
                path += "/" + (string)sent!["metadata"]!["name"]!;
                return _objects.ContainsKey(path) ? Fail(409, "AlreadyExists", path) : (201, Store(path, "ADDED", sent));
            case "PUT":
                if (!_objects.TryGetValue(path, out var old)) return Fail(404, "NotFound", path);
                return (string?)sent!["metadata"]!["resourceVersion"] is { } v && v != (string?)old["metadata"]!["resourceVersion"]
                    ? Fail(409, "Conflict", path) : (200, Store(path, "MODIFIED", sent));
            case "PATCH":
                var target = _objects.TryGetValue(path, out var there) ? there.DeepClone().AsObject() : [];
                Merge(target, sent!);
                return (200, Store(path, there is null ? "ADDED" : "MODIFIED", target));
            case "DELETE":
                return _objects.Remove(path, out var gone) ? (200, Store(path, "DELETED", gone)) : Fail(404, "NotFound", path);
            default:
                if (_objects.TryGetValue(path, out var found)) return (200, found.DeepClone().AsObject());
                return path.Split('/')[^1] is var last && last.EndsWith('s') && !path.EndsWith("/status", StringComparison.Ordinal) ? (200, List(request, path)) : Fail(404, "NotFound", path);
        }
    }

    private JsonObject List(HttpRequest request, string path)
    {
        var limit = int.TryParse(request.Query["limit"], out var l) ? l : int.MaxValue;
        var skip = int.TryParse(request.Query["continue"], out var s) ? s : 0;
        var all = _objects.Where(o => IsIn(o.Key, path)).Select(o => o.Value).ToList();
        var metadata = new JsonObject { ["resourceVersion"] = _version.ToString() };
        if (skip + limit < all.Count) metadata["continue"] = (skip + limit).ToString();
        return new JsonObject { ["metadata"] = metadata, ["items"] = new JsonArray([.. all.Skip(skip).Take(limit).Select(o => o.DeepClone())]) };
    }

    private async Task WatchAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        var from = long.Parse(http.Request.Query["resourceVersion"].FirstOrDefault() ?? "0");
        var signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        signal.Writer.TryWrite(true);
        lock (_gate)
        {
            if (from < _compacted) signal.Writer.TryComplete();
            else _watches.Add(signal);
        }
        await http.Response.Body.FlushAsync();
        if (from < _compacted)
        {
            await WriteLineAsync(http, "ERROR", Fail(410, "Expired", path).Item2);
            return;
        }
        await foreach (var _ in signal.Reader.ReadAllAsync(http.RequestAborted))
        {
            List<(string, JsonObject)> news;
            lock (_gate)
            {
                news = [.. _history.Where(h => h.Version > from && IsIn(h.Path, path)).Select(h => (h.Type, h.Object))];
                from = _version;
            }
            foreach (var (type, value) in news) await WriteLineAsync(http, type, value);
        }
    }

    private static async Task WriteLineAsync(HttpContext http, string type, JsonObject value)
    {
        await http.Response.WriteAsync(new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString() + "\n");
        await http.Response.Body.FlushAsync();
    }

    private JsonObject Store(string path, string type, JsonObject value)
    {
        var metadata = value["metadata"]!.AsObject();
        metadata["resourceVersion"] = (++_version).ToString();
        metadata["uid"] ??= Guid.NewGuid().ToString();
        if (type != "DELETED") _objects[path] = value;
        _history.Add((path, type, value.DeepClone().AsObject(), _version));
        foreach (var watch in _watches) watch.Writer.TryWrite(true);
        return value.DeepClone().AsObject();
    }

    private static bool IsIn(string path, string collection)
    {
        var at = path.LastIndexOf('/');
        var own = path[..at];
        return own == collection || (own.Split('/')[^1] == collection.Split('/')[^1] && !collection.Contains("/namespaces/", StringComparison.Ordinal));
    }

    private static void Merge(JsonObject target, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (value is null) target.Remove(name);
            else if (value is JsonObject inner && target[name] is JsonObject there) Merge(there, inner);
            else target[name] = value.DeepClone();
        }
    }

    private static (int, JsonObject) Fail(int code, string reason, string path) => (code, System.Text.Json.JsonSerializer.SerializeToNode(
        new KubeStatus { Status = "Failure", Code = code, Reason = reason, Message = $"{path} {reason}", Details = new StatusDetails { Name = path.Split('/')[^1] } }, KubeJson.Options)!.AsObject());
}
