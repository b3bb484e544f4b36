using System.CommandLine;

namespace Castellan.Cli.Identity;

/// <summary><c>castellan identity</c>: who is who, and whether a proof of it holds.</summary>
internal static class IdentityCommand
{
    public static Command Create() => new("identity", "SPIFFE identities: check any; show, watch and mint the local system's.")
    {
        CheckCommand.Create(),
        ShowCommand.CreateShow(),
        ShowCommand.CreateWatch(),
        MintCommand.CreateMint(),
        MintCommand.CreateRotate(),
        MintCommand.CreateDeny(),
        MintCommand.CreateAllow(),
    };
}
