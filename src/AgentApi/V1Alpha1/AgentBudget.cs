using System.ComponentModel.DataAnnotations;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentApi.V1Alpha1;

/// <summary>
/// How much the calls of a namespace may use: calls, tokens and cost, for each agent, person, session or for the namespace as a whole, in each
/// window of time. What a call may use is held back before it is made; what it did not use comes back afterwards.
/// </summary>
[KubeResource(ApiGroup.Name, ApiGroup.V1Alpha1, "AgentBudget", "agentbudgets")]
[ShortNames("ab")]
[PrinterColumn("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status")]
[PrinterColumn("Per", "string", ".spec.per")]
[PrinterColumn("Window", "string", ".spec.window")]
[PrinterColumn("Fullest", "string", ".status.fullest")]
[PrinterColumn("Age", "date", ".metadata.creationTimestamp")]
public sealed class AgentBudget : KubeObject
{
    /// <summary>How much, for whom, how often.</summary>
    public required AgentBudgetSpec Spec { get; set; }

    /// <summary>What the gateway observed.</summary>
    public AgentBudgetStatus? Status { get; set; }
}

/// <summary>How much, for whom, how often.</summary>
public class AgentBudgetSpec
{
    /// <summary>Which calls count: those that any of the lists names. Absent or empty: all calls of the namespace or namespaces.</summary>
    public BudgetSubjects? Subjects { get; set; }

    /// <summary>Whose purse a call is paid from.</summary>
    public required BudgetScope Per { get; set; }

    /// <summary>
    /// How long a purse lasts before it is full again: a number with <c>m</c>, <c>h</c> or <c>d</c>, from <c>1m</c> to <c>366d</c>. Windows follow
    /// each other without gap and begin at whole multiples since Monday, 5 January 1970, 00:00 UTC: <c>1h</c> at the full hour, <c>24h</c> at
    /// midnight, <c>7d</c> on Monday. Absent, which only <see cref="BudgetScope.Session"/> allows: as long as the session.
    /// </summary>
    [RegularExpression("^[1-9][0-9]{0,6}[mhd]$")]
    public string? Window { get; set; }

    /// <summary>What is in a full purse. A call must fit into every limit that is set.</summary>
    public required BudgetLimits Limits { get; set; }
}

/// <summary>Which calls a budget is about.</summary>
public sealed class BudgetSubjects
{
    /// <summary>Names of Agents whose calls count; <c>*</c> means all of them.</summary>
    [MaxLength(100)]
    public IList<string>? Agents { get; set; }

    /// <summary>Names of people whose calls count: those that they make directly, and those that agents make for them; <c>*</c> means everybody's.</summary>
    [MaxLength(100)]
    public IList<string>? Users { get; set; }

    /// <summary>Groups of such people.</summary>
    [MaxLength(100)]
    public IList<string>? Groups { get; set; }
}

/// <summary>Whose purse a call is paid from.</summary>
public enum BudgetScope
{
    /// <summary>Each agent has one. Calls that people make directly do not count.</summary>
    Agent,

    /// <summary>Each person has one, for direct calls and for those that agents make for them.</summary>
    User,

    /// <summary>Each namespace has one.</summary>
    Namespace,

    /// <summary>Each session with an agent has one. Calls that people make directly do not count.</summary>
    Session,
}

/// <summary>What is in a full purse; at least one of them.</summary>
public sealed class BudgetLimits
{
    /// <summary>Model calls and tool calls: 1 to 10^12.</summary>
    [Range(1.0, 1e12)]
    public long? Calls { get; set; }

    /// <summary>Tokens that models read and write: 1 to 10^12.</summary>
    [Range(1.0, 1e12)]
    public long? Tokens { get; set; }

    /// <summary>Money, in the currency in which <c>spec.price</c> of the ModelConfigs is written, for example <c>"12.50"</c>: at most six decimals.</summary>
    [RegularExpression("^[0-9]{1,9}(\\.[0-9]{1,6})?$")]
    public string? Cost { get; set; }
}

/// <summary>What the gateway observed of a budget.</summary>
public sealed class AgentBudgetStatus
{
    /// <summary>Generation of the spec that this status describes.</summary>
    public long? ObservedGeneration { get; set; }

    /// <summary><c>Ready</c>: the budget is in force. When it is False, the calls that it is about are denied.</summary>
    [ListKey(nameof(Condition.Type))]
    public IList<Condition>? Conditions { get; set; }

    /// <summary>How full the fullest purse is of what has been used and held back, for example <c>user ann: 87 of 100 calls</c>.</summary>
    public string? Fullest { get; set; }

    /// <summary>The purses of which most is gone, at most ten; <c>castellan budgets</c> lists all.</summary>
    [ListKey(nameof(BudgetPurseStatus.Of))]
    public IList<BudgetPurseStatus>? Purses { get; set; }
}

/// <summary>A purse.</summary>
public sealed class BudgetPurseStatus
{
    /// <summary>Whose it is, for example <c>agent default/triage</c>.</summary>
    public required string Of { get; set; }

    /// <summary>When it is full again; absent for one that lasts as long as its session.</summary>
    public DateTime? ResetsAt { get; set; }

    /// <summary>Calls used or held back.</summary>
    public required long Calls { get; set; }

    /// <summary>Tokens used or held back.</summary>
    public required long Tokens { get; set; }

    /// <summary>Cost of what was used or is held back.</summary>
    public required string Cost { get; set; }
}
