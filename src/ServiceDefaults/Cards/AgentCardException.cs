namespace Castellan.ServiceDefaults.Cards;

/// <summary>Why an agent card proves nothing.</summary>
public enum AgentCardFault
{
    /// <summary>It carries no signature.</summary>
    Unsigned,

    /// <summary>Somebody else signed it.</summary>
    OtherSigner,

    /// <summary>Its signature is wrong, or its SVID has expired or is nobody's.</summary>
    NotBelieved,
}

/// <summary>A card that is not proven to be the agent's.</summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">The problem and the remedy.</param>
/// <param name="inner">The cause.</param>
public sealed class AgentCardException(AgentCardFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What is wrong.</summary>
    public AgentCardFault Fault { get; } = fault;
}
