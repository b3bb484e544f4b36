using System.Collections.Concurrent;
using Castellan.AgentApi.V1Alpha1;
using Castellan.Models.OpenAI;
using Castellan.Models.Runbooks;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Castellan.Models;

/// <summary>Makes the chat client of a ModelConfig.</summary>
/// <remarks>Safe for many threads. Clients are cheap to ask for: a runbook is compiled once per generation of its ModelConfig.</remarks>
public sealed class ModelClients : IDisposable
{
    private readonly ModelSecretResolver _secrets;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<(string Ns, string Name), (string Version, RunbookChatClient Client)> _runbooks = new();

    /// <summary>Prepares the making of clients.</summary>
    /// <param name="secrets">Reads API keys, at every request.</param>
    /// <param name="clock">For timeouts and waits.</param>
    /// <param name="logs">Attempts that failed; never keys or contents.</param>
    /// <param name="handler">Makes the connections, and is disposed with this; <see langword="null"/> lets every one be made.</param>
    public ModelClients(ModelSecretResolver secrets, TimeProvider clock, ILoggerFactory logs, HttpMessageHandler? handler = null)
    {
        (_secrets, _clock, _log) = (secrets, clock, logs.CreateLogger<ModelClients>());
        handler ??= new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), ConnectTimeout = TimeSpan.FromSeconds(15), AllowAutoRedirect = false };
        _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The client of a model.</summary>
    /// <param name="config">The model and how to reach it.</param>
    /// <returns>A client; disposing it releases nothing.</returns>
    /// <exception cref="ModelRefusedException">The configuration is not usable; the message names every fault.</exception>
    public IChatClient Create(ModelConfig config)
    {
        if (config.Spec.Provider == ModelProvider.Runbook) return RunbookOf(config);
        Func<CancellationToken, ValueTask<string>>? key = config.Spec.ApiKey is { } reference
            ? ct => KeyAsync(config.Metadata.Namespace ?? "default", reference, ct)
            : null;
        return new OpenAIChatClient(OpenAIModel.Of(config.Spec), _http, key, _clock, _log);
    }

    /// <summary>What is wrong with a model's configuration, without calling it.</summary>
    /// <param name="spec">The configuration.</param>
    /// <returns>One sentence per fault, with its field; empty when nothing is wrong.</returns>
    public static IReadOnlyList<string> FaultsOf(ModelConfigSpec spec)
    {
        List<string> faults = [];
        if (spec.Provider == ModelProvider.Runbook)
        {
            if (spec.Runbook is null) return ["spec.runbook is missing; provider Runbook answers by it"];
            RunbookProgram.Compile(spec.Runbook, out var found);
            return [.. found.Select(f => $"spec.runbook.{f}")];
        }
        if (spec.Runbook is not null) faults.Add($"spec.runbook is set, but provider {spec.Provider} does not use it; remove it or set provider Runbook");
        if (spec.Provider == ModelProvider.OpenAI && spec.ApiKey is null) faults.Add("spec.apiKey is missing; OpenAI answers nobody without a key");
        try
        {
            OpenAIModel.Of(spec);
        }
        catch (ModelRefusedException e)
        {
            faults.Add(e.Message);
        }
        return faults;
    }

    /// <summary>Releases the connections.</summary>
    public void Dispose() => _http.Dispose();

    private RunbookChatClient RunbookOf(ModelConfig config)
    {
        var key = (config.Metadata.Namespace ?? "", config.Metadata.Name ?? "");
        var version = $"{config.Metadata.Uid}/{config.Metadata.Generation}";
        // Objects that no server has seen carry neither; they are compiled each time.
        var versioned = config.Metadata.Uid is not null;
        if (versioned && _runbooks.TryGetValue(key, out var known) && known.Version == version) return known.Client;
        if (config.Spec.Runbook is null) throw new ModelRefusedException($"ModelConfig '{key.Item2}' has provider Runbook but no runbook", "set spec.runbook");
        var program = RunbookProgram.Compile(config.Spec.Runbook, out var faults)
            ?? throw new ModelRefusedException($"the runbook of ModelConfig '{key.Item2}' does not compile: {string.Join("; ", faults)}", "correct spec.runbook");
        var client = new RunbookChatClient(program, config.Spec.Model);
        if (versioned) _runbooks[key] = (version, client);
        return client;
    }

    private async ValueTask<string> KeyAsync(string ns, SecretKeyReference reference, CancellationToken ct) =>
        await _secrets(ns, reference, ct).ConfigureAwait(false) is { Length: > 0 } key
            ? key.Trim()
            : throw new ModelRefusedException($"Secret '{ns}/{reference.Name}' has no key '{reference.Key}'", "create it, or correct spec.apiKey of the ModelConfig");
}
