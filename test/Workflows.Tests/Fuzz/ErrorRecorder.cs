using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Castellan.Workflows.Tests.Fuzz;

/// <summary>Keeps errors that were logged: an input that makes the server fail shows here, whatever the caller was told.</summary>
internal sealed class ErrorRecorder : ILoggerFactory, ILoggerProvider
{
    public ConcurrentQueue<string> Lines { get; } = [];

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => new Recorder(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Recorder(ErrorRecorder owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && owner.Lines.Count < 20)
            {
                owner.Lines.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
