using Muster.Contacts;
using Muster.Formats;
using Muster.Formats.Workbooks;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>What a spooled source is, before anything is decided about it.</summary>
public abstract record LookResult
{
    /// <summary>It can be read and has at least one record.</summary>
    /// <remarks>What was inside of an archive stays in the spool, so that it is unpacked once: it goes on with <see cref="IntakeRequest.Look"/>, or is dropped by <see cref="SourceLook.Drop"/>.</remarks>
    public sealed record Seen(SourceShape Shape) : LookResult
    {
        internal UnpackingResult.Unpacked? Inside { get; init; }
    }

    /// <param name="Detail">The rule, what was found and the remedy.</param>
    public sealed record Refused(ErrorCode Code, string Detail) : LookResult;
}

/// <summary>Looks at a source's shape for a caller who must know its columns before it makes anything.</summary>
public sealed class SourceLook(MusterSettings settings, Spool spool)
{
    /// <exception cref="SourceException">The spool no longer has the source.</exception>
    public LookResult At(SpooledSource spooled, ImportOptions options) => LookAsync(spooled.Name, options).GetAwaiter().GetResult();

    /// <summary>For when no import is made of what was seen.</summary>
    public void Drop(LookResult? look) => Drop(spool, look);

    internal static void Drop(Spool spool, LookResult? look)
    {
        if (look is LookResult.Seen { Inside: { } inside })
            spool.Delete(inside.Content.Name);
    }

    /// <summary>As an import does it: a workbook, or what is packed in an archive, which may be a workbook again.</summary>
    async Task<LookResult> LookAsync(string name, ImportOptions options)
    {
        if (await SheetTaking.TakeAsync(spool, name, options, settings, CancellationToken.None) is { } sheet)
            return AtSheet(sheet, options);
        switch (await SourceUnpacking.UnpackAsync(spool, name, settings, CancellationToken.None))
        {
            case UnpackingResult.Refused damaged:
                return new LookResult.Refused(damaged.Code, damaged.Detail);
            case UnpackingResult.Unpacked unpacked:
                var isNeeded = false;
                try
                {
                    var look = await SheetTaking.TakeAsync(spool, unpacked.Content.Name, options, settings, CancellationToken.None) is { } inside
                        ? AtSheet(inside, options) : AtText(unpacked.Content.Name, options);
                    isNeeded = look is LookResult.Seen;
                    return look is LookResult.Seen seen ? seen with { Inside = unpacked } : look;
                }
                finally
                {
                    if (!isNeeded)
                        spool.Delete(unpacked.Content.Name);
                }
            default:
                return AtText(name, options);
        }
    }

    LookResult AtSheet(SheetResult sheet, ImportOptions options)
    {
        if (sheet is SheetResult.Refused unreadable)
            return new LookResult.Refused(unreadable.Code, unreadable.Detail);
        using var text = new Dropped(spool, ((SheetResult.Made)sheet).Name);
        return AtText(text.Name, options);
    }

    LookResult AtText(string name, ImportOptions options)
    {
        var stream = spool.TryOpen(name) ?? throw new SourceException(ErrorCode.SourceExpired, ErrorCode.SourceExpired.Message());
        var opening = SourceOpening.Open(stream, options, settings);
        if (opening is OpenResult.Refused refused)
            return new LookResult.Refused(refused.Code, refused.Detail);
        using var reader = ((OpenResult.Opened)opening).Reader;
        return reader.Read() ? new LookResult.Seen(reader.Shape) : new LookResult.Refused(ErrorCode.NoRows, ErrorCode.NoRows.Message());
    }

    /// <summary>A sheet's text, that goes when it has been looked at.</summary>
    sealed class Dropped(Spool spool, string name) : IDisposable
    {
        public string Name => name;
        public void Dispose() => spool.Delete(name);
    }
}
