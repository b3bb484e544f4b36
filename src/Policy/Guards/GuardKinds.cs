namespace Castellan.Policy.Guards;

/// <summary>What is looked for.</summary>
[Flags]
public enum GuardKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Keys, tokens, passwords: whoever reads them can act with them.</summary>
    Secrets = 1,

    /// <summary>What names or reaches a person: e-mail and phone, bank account, payment card, national number.</summary>
    PersonalData = 2,

    /// <summary>Text that is written for a model to obey, not for people to read.</summary>
    Injections = 4,

    /// <summary>All of them.</summary>
    All = Secrets | PersonalData | Injections,
}
