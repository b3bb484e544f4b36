using Castellan.AgentGateway.Budgets;
using Castellan.AgentGateway.Calls;
using Castellan.Policy;
using Castellan.Storage;

namespace Castellan.AgentGateway.Policies;

/// <summary>Finds out what rules ask for beyond the call itself, and only what they ask for.</summary>
internal sealed class CallFacts(Store store, BudgetFacts budgets)
{
    /// <summary>The question with what the policies want to know; completes at once when that is nothing.</summary>
    /// <param name="policies">The policies that will be asked.</param>
    /// <param name="call">The call as it is known so far.</param>
    /// <param name="question">The question.</param>
    /// <param name="ct">Ends the search.</param>
    internal ValueTask<PolicyQuestion> CompleteAsync(PolicySet policies, CallContext call, PolicyQuestion question, CancellationToken ct)
    {
        var counted = question.SessionId is { } session && policies.Reads(call, CallVocabulary.SessionVariable)
            ? CountAsync(question, session, ct)
            : ValueTask.FromResult(question);
        return policies.Reads(call, CallVocabulary.BudgetsVariable) ? WeighAsync(counted, ct) : counted;
    }

    private async ValueTask<PolicyQuestion> CountAsync(PolicyQuestion question, string session, CancellationToken ct) =>
        question with { Session = await store.ReadAsync(view => SessionUse.Of(view, session, question.CallId), ct) };

    private async ValueTask<PolicyQuestion> WeighAsync(ValueTask<PolicyQuestion> counted, CancellationToken ct)
    {
        var question = await counted;
        return question with { Budgets = await budgets.ReadAsync(question, ct) };
    }
}
