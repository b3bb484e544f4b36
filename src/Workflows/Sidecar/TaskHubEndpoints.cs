using Castellan.Rpc;
using Castellan.Storage;
using Castellan.Workflows.Client;
using Castellan.Workflows.Protocol;
using Castellan.Workflows.Worker;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Castellan.Workflows.Sidecar;

/// <summary>TaskHubSidecarService over gRPC. Every request acts on the hub of its authenticated caller and on no other.</summary>
internal sealed class TaskHubEndpoints(EmbeddedSidecar sidecar, Func<HttpContext, string?> hubOf)
{
    public static IEndpointConventionBuilder Map(IEndpointRouteBuilder app, EmbeddedSidecar sidecar, Func<HttpContext, string?> hubOf)
    {
        var endpoints = new TaskHubEndpoints(sidecar, hubOf);
        var service = new GrpcService(TaskHubMethods.Service, new() { MaxReceiveBytes = sidecar.Options.MaxMessageBytes, TimeProvider = sidecar.Options.Clock });
        endpoints.AddClientMethods(service);
        endpoints.AddWorkerMethods(service);
        return app.MapGrpc(service);
    }

    private void AddClientMethods(GrpcService service)
    {
        service.Unary(TaskHubMethods.Hello, (request, call) =>
        {
            Hub(call);
            return Task.FromResult(request);
        });
        Unary(service, TaskHubMethods.StartInstance, (hub, request, ct) => hub.Control.StartAsync(request, ct));
        Unary(service, TaskHubMethods.GetInstance, (hub, request, ct) => hub.Control.GetAsync(request, ct));
        Unary(service, TaskHubMethods.WaitForInstanceStart, (hub, request, ct) => hub.Control.WaitForStartAsync(request, ct));
        Unary(service, TaskHubMethods.WaitForInstanceCompletion, (hub, request, ct) => hub.Control.WaitForCompletionAsync(request, ct));
        Unary(service, TaskHubMethods.RaiseEvent, (hub, request, ct) => DoneAsync(hub.Control.RaiseEventAsync(request, ct)));
        Unary(service, TaskHubMethods.TerminateInstance, (hub, request, ct) => DoneAsync(hub.Control.TerminateAsync(request, ct)));
        Unary(service, TaskHubMethods.SuspendInstance, (hub, request, ct) => DoneAsync(hub.Control.SuspendAsync(request, ct)));
        Unary(service, TaskHubMethods.ResumeInstance, (hub, request, ct) => DoneAsync(hub.Control.ResumeAsync(request, ct)));
        Unary(service, TaskHubMethods.PurgeInstances, (hub, request, ct) => hub.Control.PurgeAsync(request, ct));
        Unary(service, TaskHubMethods.ListInstanceIds, (hub, request, ct) => hub.Control.ListAsync(request, ct));
        Unary(service, TaskHubMethods.GetInstanceHistory, (hub, request, ct) => hub.Control.HistoryAsync(request, ct));
        Unary(service, TaskHubMethods.RerunWorkflowFromEvent, (hub, request, ct) => hub.Control.RerunAsync(request, ct));
    }

    private void AddWorkerMethods(GrpcService service)
    {
        Unary(service, TaskHubMethods.CompleteActivityTask, (hub, response, ct) => DoneAsync(hub.CompleteAsync(new ActivityOutcome(response, null), ct)));
        Unary(service, TaskHubMethods.CompleteOrchestratorTask, (hub, response, _) => DoneAsync(hub.CompleteAsync(response)));
        Unary(service, TaskHubMethods.CompleteWorkflowTask, (hub, response, _) => DoneAsync(hub.CompleteAsync(response)));
        service.ServerStreaming(TaskHubMethods.GetWorkItems, (request, items, call) => WorkItemStream.ServeAsync(Hub(call), request, items, sidecar, call.Cancellation));
    }

    private void Unary<TRequest, TResponse>(GrpcService service, GrpcMethod<TRequest, TResponse> method, Func<TaskHub, TRequest, CancellationToken, Task<TResponse>> body)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        service.Unary(method, async (request, call) =>
        {
            var hub = Hub(call);
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, sidecar.Stopping);
            try
            {
                return await body(hub, request, ended.Token).ConfigureAwait(false);
            }
            catch (StoreException error)
            {
                throw new RpcException(StatusCode.Unavailable, error.Message, error);
            }
            catch (OperationCanceledException) when (sidecar.Stopping.IsCancellationRequested && !call.Cancellation.IsCancellationRequested)
            {
                throw new RpcException(StatusCode.Unavailable, "the sidecar is stopping; call again");
            }
        });

    private static async Task<CompleteResponse> DoneAsync(Task work)
    {
        await work.ConfigureAwait(false);
        return new();
    }

    private TaskHub Hub(GrpcServerCall call)
    {
        var name = hubOf(call.HttpContext);
        if (string.IsNullOrEmpty(name))
        {
            throw new RpcException(StatusCode.Unauthenticated, "the caller has no task hub; authenticate with an identity that has one");
        }

        return sidecar.IsLocal(name)
            ? throw new RpcException(StatusCode.PermissionDenied, $"hub '{name}' has no network listener")
            : sidecar.Hub(name);
    }
}
