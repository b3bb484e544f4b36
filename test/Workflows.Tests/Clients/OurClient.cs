using System.Text.Json;

namespace Castellan.Workflows.Tests.Clients;

/// <summary>Our own client over gRPC.</summary>
internal sealed class OurClient(DaprWorkflowClient client) : IMatrixClient
{
    public bool TerminatesChildren => true;

    public Task ScheduleAsync(string name, object? input, string id) => client.ScheduleNewWorkflowAsync(name, id, input);

    public async Task<MatrixState> StateAsync(string id) => From(await client.GetWorkflowStateAsync(id));

    public async Task<MatrixState> StartedAsync(string id) => From(await client.WaitForWorkflowStartAsync(id, cancellation: MatrixCases.Limit()));

    public async Task<MatrixState> EndedAsync(string id) => From(await client.WaitForWorkflowCompletionAsync(id, cancellation: MatrixCases.Limit()));

    public Task RaiseAsync(string id, string eventName, object? payload) => client.RaiseEventAsync(id, eventName, payload);

    public Task SuspendAsync(string id) => client.SuspendWorkflowAsync(id);

    public Task ResumeAsync(string id) => client.ResumeWorkflowAsync(id);

    public Task TerminateAsync(string id, string output) => client.TerminateWorkflowAsync(id, output);

    public Task<bool> PurgeAsync(string id) => client.PurgeInstanceAsync(id);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the server owns it

    private static MatrixState From(WorkflowState state) => !state.Exists ? new(false) : new(
        true, state.RuntimeStatus, Raw(state.ReadOutputAs<JsonElement?>()), Raw(state.ReadCustomStatusAs<JsonElement?>()),
        state.FailureDetails?.ErrorMessage, state.FailureDetails?.ErrorType);

    private static string? Raw(JsonElement? value) => value is { ValueKind: not JsonValueKind.Undefined } json ? json.GetRawText() : null;
}
