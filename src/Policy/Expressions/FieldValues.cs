using Castellan.Cel;

namespace Castellan.Policy;

/// <summary>An object of which all fields are at hand.</summary>
internal sealed class FieldValues(CelType type, CelValue[] values) : CelObject
{
    public override CelType Type => type;

    public override CelValue GetField(int index) => values[index];
}
