using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Castellan.KubeClient.Transport;

/// <summary>Gives the bearer token for a request: fixed, from a file that is read again, or from a command.</summary>
internal sealed class Credentials(KubeConfig config, TimeProvider time) : IDisposable
{
    // client-go reads token files again after a minute; the kubelet renews them long before they end.
    private static readonly TimeSpan FileLifetime = TimeSpan.FromMinutes(1);
    private readonly SemaphoreSlim _gate = new(1, 1);
    private string? _token;
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    public async ValueTask<string?> TokenAsync(CancellationToken ct)
    {
        if (config.TokenFile is null && config.Exec is null) return config.Token;
        if (time.GetUtcNow() < _until) return _token;
        await _gate.WaitAsync(ct);
        try
        {
            if (time.GetUtcNow() < _until) return _token;
            (_token, _until) = config.TokenFile is { } file ? await FromFileAsync(file, ct) : await FromCommandAsync(config.Exec!, ct);
            return _token;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Forgets what is cached, because the server did not accept it.</summary>
    public bool Renew()
    {
        if (config.TokenFile is null && config.Exec is null) return false;
        _until = DateTimeOffset.MinValue;
        return true;
    }

    public void Dispose() => _gate.Dispose();

    private async Task<(string?, DateTimeOffset)> FromFileAsync(string file, CancellationToken ct)
    {
        try
        {
            return ((await File.ReadAllTextAsync(file, ct)).Trim(), time.GetUtcNow() + FileLifetime);
        }
        catch (IOException) when (_token is not null)
        {
            // The kubelet swaps the file; the old token still holds for a while.
            return (_token, time.GetUtcNow() + TimeSpan.FromSeconds(5));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"cannot read the token file {file}: {e.Message}", "check the volume that holds it", e);
        }
    }

    private async Task<(string?, DateTimeOffset)> FromCommandAsync(ExecCredentialCommand exec, CancellationToken ct)
    {
        var start = new ProcessStartInfo(exec.Command) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var arg in exec.Args) start.ArgumentList.Add(arg);
        foreach (var (name, value) in exec.Env) start.Environment[name] = value;
        start.Environment["KUBERNETES_EXEC_INFO"] = new JsonObject
        {
            ["apiVersion"] = exec.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = new JsonObject { ["interactive"] = false },
        }.ToJsonString();
        try
        {
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(ct);
            await process.WaitForExitAsync(ct);
            var status = process.ExitCode == 0 ? JsonNode.Parse(output)?["status"] : null;
            var token = (string?)status?["token"] ?? throw new KubeConfigException(
                $"{exec.Command} exited with {process.ExitCode} and gave no token", "run it by hand");
            var ends = (string?)status!["expirationTimestamp"];
            return (token, ends is null ? DateTimeOffset.MaxValue : DateTimeOffset.Parse(ends) - TimeSpan.FromSeconds(10));
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or JsonException or FormatException)
        {
            throw new KubeConfigException($"{exec.Command} gave no credentials: {e.Message}", "install it or correct the kubeconfig", e);
        }
    }
}
