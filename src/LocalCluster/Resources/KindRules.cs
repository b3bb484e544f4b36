using System.Text.Json.Nodes;
using Castellan.LocalCluster.ApiServer;

namespace Castellan.LocalCluster.Resources;

/// <summary>What a kind does beyond its schema. Pure: objects in, objects changed, faults out.</summary>
internal class KindRules
{
    public static readonly KindRules None = new();

    /// <summary>Fills in what the caller left out; also run on what a client applies.</summary>
    public virtual void Default(JsonObject obj)
    {
    }

    /// <summary>Sets what only the server sets on a new object.</summary>
    public virtual void PrepareForCreate(JsonObject obj)
    {
    }

    /// <summary>Keeps what a client must not change, before validation.</summary>
    public virtual void PrepareForUpdate(JsonObject obj, JsonObject old)
    {
    }

    /// <param name="obj">The state to be written.</param>
    /// <param name="old">The state before; null for a creation.</param>
    public virtual IEnumerable<FieldFault> Validate(JsonObject obj, JsonObject? old) => [];

    /// <summary>How long the object lives on after its deletion was asked for; 0 removes it at once.</summary>
    public virtual long GracePeriodSeconds(JsonObject obj, long? asked) => 0;
}
