using Castellan.Workflows.Protocol;

namespace Castellan.Workflows.Sidecar;

/// <summary>Why a worker cannot go on with an instance that another one may go on with: pure.</summary>
internal static class StallReason
{
    /// <summary>What in the worker's answer says that its code is not the code that the instance runs.</summary>
    public static TaskFailureDetails? Of(Instance instance, WorkflowResponse response)
    {
        if (response.Actions.Any(action => action.WorkflowVersionNotAvailable is not null))
        {
            return Details("VersionNotAvailable",
                $"the worker does not know the version of '{instance.Row!.Name}' that this instance runs; attach one that does");
        }

        var recorded = instance.History.Patches;
        var taken = response.Version?.Patches ?? [];
        for (var i = 0; i < recorded.Count; i++)
        {
            if (i >= taken.Count || taken[i] != recorded[i])
            {
                return Details("PatchMismatch", $"the instance took the patches [{string.Join(", ", recorded)}], but the worker's code takes "
                    + $"[{string.Join(", ", taken)}]; attach a worker whose code has them in this order");
            }
        }

        return null;
    }

    /// <summary>The history is longer than the only attached workers accept.</summary>
    public static TaskFailureDetails TooLong(long bytes, long limit) => Details("PayloadSizeExceeded",
        $"the history is {bytes:N0} bytes, more than the {limit:N0} that the attached worker accepts; attach one that fetches histories, or raise the limit of both");

    private static TaskFailureDetails Details(string type, string message) => new() { ErrorType = type, ErrorMessage = message };
}
