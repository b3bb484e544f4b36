namespace Castellan.Storage.Tests;

public sealed class StoreLocationTests
{
    [Theory]
    [InlineData("sqlite:data/c.db", "sqlite:data/c.db")]
    [InlineData("SQLite:/var/lib/c.db", "sqlite:/var/lib/c.db")]
    [InlineData("postgres:Host=db;Database=c;Username=u;Password=p4ss", "postgres:Host=db;Database=c;Username=u")]
    [InlineData("postgres://u:p4ss@db.example:6000/c?sslmode=verify-full&application_name=x", "postgres:Host=db.example;Port=6000;Database=c;Username=u")]
    [InlineData("postgresql://u:p%404ss@[::1]/c", "postgres:Host=::1;Database=c;Username=u")]
    [InlineData("postgres:///c?host=/run/postgresql&user=u", "postgres:Host=/run/postgresql;Database=c;Username=u")]
    public void Parse_WhenValid_ShowsEverythingButThePassword(string text, string shown) => Assert.Equal(shown, StoreLocation.Parse(text).ToString());

    [Theory]
    [InlineData("", "sqlite:FILE or postgres:CONNECTION")]
    [InlineData("mysql://u:p4ss@h/d", "sqlite:FILE or postgres:CONNECTION")]
    [InlineData("sqlite:", "names no file")]
    [InlineData("postgres:Host=db;Username=u;Password=p4ss", "no Database")]
    [InlineData("postgres:Database=c;Password=p4ss", "no Host")]
    [InlineData("postgres:p4ss", "cannot be understood")]
    [InlineData("postgres:Host=db;Database=c;Port=p4ss", "cannot be understood")]
    [InlineData("postgres:Host=db;Database=c;p4ss=1", "cannot be understood")]
    [InlineData("postgres://u:p4ss@h1,h2/d", "cannot be understood")]
    [InlineData("postgres://u:p4ss@h:99999/d", "cannot be understood")]
    [InlineData("postgres://u:p4ss@h/d?nonsense=1", "cannot be understood")]
    [InlineData("postgres:@/nowhere/at/all", "'/nowhere/at/all'")]
    public void Parse_WhenInvalid_SaysWhatToWriteAndRepeatsNoSecret(string text, string part)
    {
        var error = Assert.Throws<StoreLocationException>(() => StoreLocation.Parse(text));
        Assert.Contains(part, error.Message);
        Assert.DoesNotContain("p4ss", error.ToString());
    }

    [Fact]
    public void Parse_WhenPostgresStandsAlone_ReadsTheEnvironmentOrAFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("connection"), "postgres://u:secret@/d?host=/tmp\n");
        var fromFile = StoreLocation.Parse($"postgres:@{folder.File("connection")}");
        var fromVariable = StoreLocation.Parse("postgres:", name => name == "CASTELLAN_POSTGRES" ? "Host=/tmp;Database=d;Username=u" : null);
        var fromBoth = StoreLocation.Parse("postgres:", _ => $"@{folder.File("connection")}");
        Assert.All([fromFile, fromVariable, fromBoth], location => Assert.Equal("postgres:Host=/tmp;Database=d;Username=u", location.ToString()));
        Assert.Contains("CASTELLAN_POSTGRES", Assert.Throws<StoreLocationException>(() => StoreLocation.Parse("postgres:", _ => null)).Message);
    }

    [Theory]
    [InlineData("db.example", "VerifyFull")]
    [InlineData("10.0.0.1", "VerifyFull")]
    [InlineData("localhost", "Prefer")]
    [InlineData("127.0.0.1", "Prefer")]
    [InlineData("/run/postgresql", "Prefer")]
    public void Parse_WhenNobodySaysHow_RemoteConnectionsAreVerified(string host, string mode) =>
        Assert.Contains($"SSL Mode={mode}", StoreLocation.Parse($"postgres:Host={host};Database=c").Address.Connect().ConnectionString);

    [Fact]
    public void Parse_WhenTheUserSaysHow_ThatHolds() =>
        Assert.Contains("SSL Mode=Disable", StoreLocation.Parse("postgres:Host=db.example;Database=c;SslMode=Disable").Address.Connect().ConnectionString);

    [Fact]
    public void Parse_WhenFedNoise_ThrowsNothingElse()
    {
        var random = new Random(20261121);
        string[] pieces = ["sqlite:", "postgres:", "postgresql:", "//", "@", ":", "/", "?", "&", "=", ";", "%", "%4", "%zz", "[", "]", "Host=", "Database=", "Port=", "\"", "'", "\0", "é", "\ud800", "h", "d", "sslmode=", ",", " ", "0", "99999999999"];
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            try
            {
                StoreLocation.Parse(text, _ => null).ToString();
            }
            catch (StoreLocationException)
            {
                // the one answer to nonsense
            }
        }
    }
}
