namespace Castellan.SpiffeIdentity.Tests.Fuzz;

/// <summary>Damages bytes in the ways that break parsers; the same seed gives the same damage.</summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[] s_favourites = [0, 1, 0x20, 0x22, 0x2E, 0x2F, 0x30, 0x31, 0x5C, 0x7B, 0x7D, 0x7F, 0x80, 0x81, 0x82, 0x84, 0xA0, 0xA3, 0xC0, 0xFF];
    private readonly Random _random = new(seed);

    public int Next(int below) => _random.Next(below);

    /// <summary>One to four damages.</summary>
    public byte[] Damage(ReadOnlySpan<byte> input)
    {
        var bytes = input.ToArray().ToList();
        for (var i = _random.Next(4); i >= 0; i--)
        {
            DamageOnce(bytes);
        }

        return [.. bytes];
    }

    private void DamageOnce(List<byte> bytes)
    {
        if (bytes.Count == 0)
        {
            bytes.Add(Byte());
            return;
        }

        var at = _random.Next(bytes.Count);
        var length = Math.Min(_random.Next(1, 12), bytes.Count - at);
        switch (_random.Next(7))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = Byte();
                break;
            case 2:
                bytes.Insert(at, Byte());
                break;
            case 3:
                bytes.RemoveRange(at, length);
                break;
            case 4:
                bytes.InsertRange(_random.Next(bytes.Count), bytes.GetRange(at, length));
                break;
            case 5:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            default:
                var other = _random.Next(bytes.Count);
                (bytes[at], bytes[other]) = (bytes[other], bytes[at]);
                break;
        }
    }

    private byte Byte() => _random.Next(2) == 0 ? s_favourites[_random.Next(s_favourites.Length)] : (byte)_random.Next(256);
}
