using System.Globalization;

namespace Castellan.Policy;

/// <summary>Amounts of money: whole millionths of a unit of the installation's currency, whichever that is.</summary>
public static class Money
{
    private const decimal Millionths = 1_000_000m;

    /// <summary>Reads a decimal number such as <c>12.50</c>; null if it is none, negative, or has more than six decimals.</summary>
    public static long? Parse(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var units) && units * Millionths is var amount && amount == decimal.Truncate(amount) && amount <= long.MaxValue
            ? (long)amount
            : null;

    /// <summary>An amount in units of the currency.</summary>
    public static decimal Units(long millionths) => millionths / Millionths;

    /// <summary>Writes an amount with at least two decimals.</summary>
    public static string Write(long millionths) => Units(millionths).ToString("0.00####", CultureInfo.InvariantCulture);
}
