using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Authentication;
using Castellan.LocalCluster.Resources;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Admission;

/// <summary>A step that may refuse or complete a write, with the whole cluster in view.</summary>
internal interface IAdmission
{
    /// <summary>Looks at a creation or update after defaulting and before validation.</summary>
    /// <exception cref="ApiException">The write is refused.</exception>
    void Admit(AdmissionRequest request);

    /// <summary>Looks at a deletion.</summary>
    /// <exception cref="ApiException">The deletion is refused.</exception>
    void AdmitDelete(ResourceDefinition resource, JsonObject obj, UserInfo user)
    {
    }
}

/// <summary>A write on its way.</summary>
/// <param name="Resource">The resource written.</param>
/// <param name="Object">The next state; may be changed.</param>
/// <param name="Old">The state before; null for a creation.</param>
/// <param name="User">Who writes.</param>
/// <param name="Options">The options of the write.</param>
internal sealed record AdmissionRequest(ResourceDefinition Resource, JsonObject Object, JsonObject? Old, UserInfo User, WriteOptions Options);
