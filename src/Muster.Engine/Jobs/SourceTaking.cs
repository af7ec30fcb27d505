using Muster.Contacts;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>A source as it can be read from any place: itself, or of a workbook the text of its sheet. Disposing it deletes that text, unless it was kept.</summary>
sealed class TakenSource(Spool spool, SpooledSource spooled, SheetResult.Made? sheet, IntakeResult.Refused? refusal) : IDisposable
{
    bool isKept;

    /// <summary>What is to be read; its SHA-256 is that of the bytes as they came.</summary>
    public SpooledSource Spooled { get; } = spooled;

    /// <summary>Null unless the source is a workbook.</summary>
    public SheetResult.Made? Sheet { get; } = sheet;

    /// <summary>Why the source cannot be read; null when it can, as far as is known.</summary>
    public IntakeResult.Refused? Refusal { get; } = refusal;

    /// <summary>What its reader should know of a workbook, and of a name that promises another format.</summary>
    public IEnumerable<string> Warnings(string? fileName, string format, ImportOptions options)
    {
        foreach (var warning in Sheet?.Notes.Warnings() ?? [])
            yield return warning;
        foreach (var warning in WorkbookNames.Warnings(fileName, format))
            yield return warning;
        if (Sheet is null && options.Sheet is not null)
            yield return $"The option sheet says nothing here: the source is {format} and has no sheets.";
    }

    /// <summary>Leaves the text in the spool: an import has it now.</summary>
    public void Keep() => isKept = true;

    public void Dispose()
    {
        if (Sheet is not null && !isKept)
            spool.Delete(Sheet.Name);
    }
}

/// <summary>Takes sources out of what they came in, before anything else looks at them.</summary>
sealed class SourceTaking(MusterSettings settings, Spool spool)
{
    // Reading a workbook takes memory and a core for a while.
    readonly SemaphoreSlim turns = new(settings.WorkbooksConcurrent);

    /// <exception cref="SourceException">The source has expired.</exception>
    public async Task<TakenSource> TakeAsync(SpooledSource spooled, ImportOptions options, CancellationToken cancellationToken)
    {
        await using var file = Open(spooled);
        if (!IsWork(file))
            return Take(file, spooled, options, cancellationToken);
        await turns.WaitAsync(cancellationToken);
        try
        {
            return Take(file, spooled, options, cancellationToken);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <inheritdoc cref="TakeAsync"/>
    public TakenSource Take(SpooledSource spooled, ImportOptions options)
    {
        using var file = Open(spooled);
        return Take(file, spooled, options, CancellationToken.None);
    }

    FileStream Open(SpooledSource spooled) => spool.TryOpen(spooled.Name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());

    static bool IsWork(FileStream file)
    {
        Span<byte> start = stackalloc byte[16];
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return SheetFile.MayBeWorkbook(start[..length]);
    }

    TakenSource Take(FileStream file, SpooledSource spooled, ImportOptions options, CancellationToken cancellationToken) =>
        SheetFile.TryMake(file, spool, SourceOpening.WorkbookOptionsOf(options, settings), cancellationToken) switch
        {
            SheetResult.Made made => new(spool, spooled with { Name = made.Name, Bytes = made.TextBytes }, made, null),
            SheetResult.Refused refused => new(spool, spooled, null, new(refused.Code, refused.Detail, refused.Code == ErrorCode.UnknownSheet ? "sheet" : null)),
            _ => new(spool, spooled, null, null),
        };
}
