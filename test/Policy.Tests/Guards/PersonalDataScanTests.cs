using Castellan.Policy.Guards;

namespace Castellan.Policy.Tests.Guards;

/// <summary>Personal data by form and check digit. All numbers are the issuers' own examples.</summary>
public sealed class PersonalDataScanTests
{
    [Theory]
    [InlineData("email", "alice.smith+ops@mail.example.com")]
    [InlineData("email", "<bob@example.org>,")]
    [InlineData("phone", "+49 30 901820")]
    [InlineData("phone", "+14155552671")]
    [InlineData("phone", "+44 (0)20 7946 0018")]
    [InlineData("phone", "(415) 555-2671")]
    [InlineData("phone", "415-555-2671")]
    [InlineData("iban", "DE89 3704 0044 0532 0130 00")]
    [InlineData("iban", "GB29NWBK60161331926819")]
    [InlineData("iban", "FR1420041010050500013M02606")]
    [InlineData("payment-card", "4111 1111 1111 1111")]
    [InlineData("payment-card", "5555-5555-5555-4444")]
    [InlineData("payment-card", "378282246310005")]
    [InlineData("payment-card", "6011000990139424")]
    [InlineData("us-ssn", "219-09-9999")]
    [InlineData("uk-nino", "AB123456C")]
    [InlineData("es-dni", "12345678Z")]
    [InlineData("es-nie", "X1234567L")]
    [InlineData("fr-nir", "255081416802538")]
    [InlineData("it-codice-fiscale", "RSSMRA85T10A562S")]
    public void Scan_WhenItStandsInText_NamesIt(string name, string sample)
    {
        foreach (var text in new[] { sample, $"customer {sample} called", $"\n\t{sample}\n", $"(id: {sample})", $"\"{sample}\"" })
        {
            Assert.Equal((name, text), (Assert.Single(TextScan.Of(text, GuardKinds.PersonalData)).Name, text));
        }
    }

    [Theory]
    [InlineData("user at example.com")]
    [InlineData("image nginx@sha256:9f86d081884c7d65")]
    [InlineData("git@github.com:castellan/castellan.git")]
    [InlineData("a@b")]
    [InlineData("@example.com")]
    [InlineData("+100")]
    [InlineData("1+20260101")]
    [InlineData("2026-01-02 03:04:05.123456")]
    [InlineData("2026-01-02T03:04:05.678901234+00:00")]
    [InlineData("10.96.0.1:443 192.168.100.200")]
    [InlineData("DE88 3704 0044 0532 0130 00")]
    [InlineData("DE89 3704 0044 0532 0130 001")]
    [InlineData("4111 1111 1111 1112")]
    [InlineData("41111111111111111")]
    [InlineData("1700000000000000000")]
    [InlineData("0000000000000000")]
    [InlineData("resourceVersion: 3928471")]
    [InlineData("219-00-9999")]
    [InlineData("666-09-9999")]
    [InlineData("1219-09-99990")]
    [InlineData("12345678A")]
    [InlineData("GB123456A")]
    [InlineData("255081416802539")]
    [InlineData("RSSMRA85T10A562T")]
    [InlineData("555-1234")]
    [InlineData("checkout-7d9f8b6c5d-x2x4z restarted 17 times")]
    public void Scan_WhenItOnlyLooksSo_FindsNothing(string text) => Assert.Empty(TextScan.Of(text, GuardKinds.PersonalData));
}
