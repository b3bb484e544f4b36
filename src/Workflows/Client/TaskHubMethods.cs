using Castellan.Rpc;
using Castellan.Workflows.Protocol;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Castellan.Workflows.Client;

/// <summary>The methods of the service that workers and clients speak to.</summary>
internal static class TaskHubMethods
{
    public const string Service = "TaskHubSidecarService";

    public static readonly GrpcMethod<Empty, Empty> Hello = Method("Hello", Empty.Parser, Empty.Parser);
    public static readonly GrpcMethod<CreateInstanceRequest, CreateInstanceResponse> StartInstance = Method("StartInstance", CreateInstanceRequest.Parser, CreateInstanceResponse.Parser);
    public static readonly GrpcMethod<GetInstanceRequest, GetInstanceResponse> GetInstance = Method("GetInstance", GetInstanceRequest.Parser, GetInstanceResponse.Parser);
    public static readonly GrpcMethod<GetInstanceRequest, GetInstanceResponse> WaitForInstanceStart = Method("WaitForInstanceStart", GetInstanceRequest.Parser, GetInstanceResponse.Parser);
    public static readonly GrpcMethod<GetInstanceRequest, GetInstanceResponse> WaitForInstanceCompletion = Method("WaitForInstanceCompletion", GetInstanceRequest.Parser, GetInstanceResponse.Parser);
    public static readonly GrpcMethod<RaiseEventRequest, CompleteResponse> RaiseEvent = Method("RaiseEvent", RaiseEventRequest.Parser, CompleteResponse.Parser);
    public static readonly GrpcMethod<TerminateRequest, CompleteResponse> TerminateInstance = Method("TerminateInstance", TerminateRequest.Parser, CompleteResponse.Parser);
    public static readonly GrpcMethod<SuspendRequest, CompleteResponse> SuspendInstance = Method("SuspendInstance", SuspendRequest.Parser, CompleteResponse.Parser);
    public static readonly GrpcMethod<ResumeRequest, CompleteResponse> ResumeInstance = Method("ResumeInstance", ResumeRequest.Parser, CompleteResponse.Parser);
    public static readonly GrpcMethod<PurgeInstancesRequest, PurgeInstancesResponse> PurgeInstances = Method("PurgeInstances", PurgeInstancesRequest.Parser, PurgeInstancesResponse.Parser);
    public static readonly GrpcMethod<ListInstanceIDsRequest, ListInstanceIDsResponse> ListInstanceIds = Method("ListInstanceIDs", ListInstanceIDsRequest.Parser, ListInstanceIDsResponse.Parser);
    public static readonly GrpcMethod<GetInstanceHistoryRequest, GetInstanceHistoryResponse> GetInstanceHistory = Method("GetInstanceHistory", GetInstanceHistoryRequest.Parser, GetInstanceHistoryResponse.Parser);
    public static readonly GrpcMethod<RerunWorkflowFromEventRequest, RerunWorkflowFromEventResponse> RerunWorkflowFromEvent = Method("RerunWorkflowFromEvent", RerunWorkflowFromEventRequest.Parser, RerunWorkflowFromEventResponse.Parser);
    public static readonly GrpcMethod<GetWorkItemsRequest, WorkItem> GetWorkItems = Method("GetWorkItems", GetWorkItemsRequest.Parser, WorkItem.Parser);
    public static readonly GrpcMethod<ActivityResponse, CompleteResponse> CompleteActivityTask = Method("CompleteActivityTask", ActivityResponse.Parser, CompleteResponse.Parser);
    public static readonly GrpcMethod<WorkflowResponse, CompleteResponse> CompleteOrchestratorTask = Method("CompleteOrchestratorTask", WorkflowResponse.Parser, CompleteResponse.Parser);
    public static readonly GrpcMethod<WorkflowResponse, CompleteResponse> CompleteWorkflowTask = Method("CompleteWorkflowTask", WorkflowResponse.Parser, CompleteResponse.Parser);

    private static GrpcMethod<TRequest, TResponse> Method<TRequest, TResponse>(string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(Service, name, request, response);
}
