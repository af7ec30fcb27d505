namespace Muster.Sources;

/// <summary>What a source is called: shown to its caller, and never a path.</summary>
public static class SourceName
{
    const int LengthMax = 255;

    /// <summary>The last part of what may be a path, without control characters; null when nothing is left.</summary>
    public static string? Of(string? path)
    {
        if (path is null)
            return null;
        var name = new string([.. path[(path.LastIndexOfAny(['/', '\\']) + 1)..].Where(c => !char.IsControl(c))]);
        return name.Length == 0 ? null : name.Length <= LengthMax ? name : name[..LengthMax];
    }
}
