namespace Muster.Cli.Output;

/// <summary>Sizes and times as people say them.</summary>
static class Words
{
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => $"{bytes} bytes",
        < 1_000_000 => $"{bytes / 1e3:0.#} kB",
        < 1_000_000_000 => $"{bytes / 1e6:0.#} MB",
        _ => $"{bytes / 1e9:0.#} GB",
    };

    public static string Span(double seconds) => seconds switch
    {
        < 10 when seconds != Math.Floor(seconds) => $"{seconds:0.0} s",
        < 60 => $"{seconds:0} s",
        < 3_600 => $"{(int)seconds / 60} min {(int)seconds % 60} s",
        _ => $"{(int)seconds / 3_600} h {(int)seconds % 3_600 / 60} min",
    };

    /// <summary>To the second, in UTC; <c>-</c> for none.</summary>
    public static string Time(DateTimeOffset? time) => time is { } t ? $"{t.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z" : "-";

    public static string Count(long count, string one, string many) => $"{count:N0} {(count == 1 ? one : many)}";

    /// <summary>Text from a file on a terminal: control characters are shown, not obeyed, and long text is cut.</summary>
    public static string Harmless(string text, int lengthMax = 80)
    {
        if (text.Length > lengthMax)
            text = text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)] + "…";
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
        });
    }
}
