using Microsoft.Extensions.Logging;

namespace Muster.Cli.Output;

/// <summary>Log lines on stderr.</summary>
/// <param name="from">The lowest level that is written.</param>
sealed class StderrLog(LogLevel from) : ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= from && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            Console.Error.WriteLine(exception is null ? $"muster: {formatter(state, exception)}" : $"muster: {formatter(state, exception)}: {exception}");
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log has one place to write to.");

    public void Dispose()
    {
    }
}
