using Castellan.ConformanceServer;

// conformance-server PORT: serves the fixture on loopback until it is stopped; a tool server of the tests runs it as its container.
if (args is not [var text] || !int.TryParse(text, out var port))
{
    await Console.Error.WriteLineAsync("write conformance-server PORT");
    return 2;
}

await using var server = await FixtureServer.StartAsync(port);
await server.StoppedAsync();
return 0;
