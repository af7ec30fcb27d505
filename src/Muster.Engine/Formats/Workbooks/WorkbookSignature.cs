using System.Text;
using Muster.Contacts;
using Muster.Formats.Xls;
using Muster.Formats.Xlsx;
using Muster.Sources;

namespace Muster.Formats.Workbooks;

/// <summary>What kind of workbook a source is.</summary>
abstract record WorkbookKind
{
    WorkbookKind() { }

    public sealed record Xlsx(ZipDirectory Directory) : WorkbookKind;

    public sealed record Xls : WorkbookKind;

    /// <summary>A workbook, or what passes for one, that Muster does not read.</summary>
    public sealed record Unreadable(OpenResult.Refused Refusal) : WorkbookKind;
}

/// <summary>Tells workbooks by their content; never by a name.</summary>
static class WorkbookSignature
{
    const int LookedAt = 4096;

    /// <summary>Null when the source is no workbook and nothing that is mistaken for one: text, JSON, an archive of something else.</summary>
    /// <param name="file">Left at its start.</param>
    /// <exception cref="SourceException">An archive that is damaged, or should not be read.</exception>
    public static WorkbookKind? Find(FileStream file, WorkbookOptions options)
    {
        Span<byte> bytes = stackalloc byte[LookedAt];
        file.Position = 0;
        var start = bytes[..file.ReadAtLeast(bytes, LookedAt, throwOnEndOfStream: false)];
        try
        {
            if (ZipDirectory.IsZip(start))
                return FindArchive(file, start, options);
            if (OleFile.IsOle(start))
                return FindCompound(file);
            if (XlsSheet.IsBareSheet(start))
                return new WorkbookKind.Xls();
            return FindMarkup(start) is { } what ? new WorkbookKind.Unreadable(Refuse(what)) : null;
        }
        finally
        {
            file.Position = 0;
        }
    }

    static WorkbookKind? FindArchive(FileStream file, ReadOnlySpan<byte> start, WorkbookOptions options)
    {
        ZipDirectory directory;
        try
        {
            directory = ZipDirectory.Read(file, options.EntriesMax);
        }
        catch (SourceException) when (!StartsAsOffice(start))
        {
            return null; // an archive of something else, which whoever reads archives will judge
        }
        if (directory.Entries.Count == 0)
            return new WorkbookKind.Unreadable(new(ErrorCode.EmptySource, "The source is an archive without entries."));
        if (XlsxPackage.RefuseOthers(file, directory) is { } refusal)
            return new WorkbookKind.Unreadable(refusal);
        return XlsxPackage.IsOffice(directory) ? new WorkbookKind.Xlsx(directory) : null;
    }

    /// <summary>Whether the archive's first entry is one that Office documents begin with.</summary>
    static bool StartsAsOffice(ReadOnlySpan<byte> start)
    {
        if (start.Length < 30)
            return false;
        var name = start[30..][..Math.Min(start.Length - 30, BitConverter.ToUInt16(start[26..]))];
        return name.StartsWith("[Content_Types].xml"u8) || name.StartsWith("_rels/"u8) || name.StartsWith("xl/"u8) || name.StartsWith("docProps/"u8) || name.StartsWith("mimetype"u8);
    }

    static WorkbookKind FindCompound(FileStream file)
    {
        HashSet<string> names = [.. OleFile.Open(file).Names];
        if (names.Contains("EncryptedPackage") || names.Contains("EncryptionInfo"))
            return new WorkbookKind.Unreadable(new(ErrorCode.ArchiveEncrypted, "The workbook is encrypted. Save it without a password."));
        if (names.Contains("Workbook") || names.Contains("Book") || names.Contains("WORKBOOK") || names.Contains("BOOK"))
            return new WorkbookKind.Xls();
        return names switch
        {
            _ when names.Contains("WordDocument") => new WorkbookKind.Unreadable(Refuse("a Word document (.doc)")),
            _ when names.Contains("PowerPoint Document") => new WorkbookKind.Unreadable(Refuse("a PowerPoint presentation (.ppt)")),
            _ when names.Contains("__properties_version1.0") => new WorkbookKind.Unreadable(Refuse("an Outlook message (.msg)")),
            _ => new WorkbookKind.Unreadable(Refuse("an OLE compound file without a workbook")),
        };
    }

    /// <summary>Pages and XML that programs call .xls.</summary>
    static string? FindMarkup(ReadOnlySpan<byte> start)
    {
        var text = start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) ? Encoding.Unicode.GetString(start[2..])
            : start.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]) ? Encoding.BigEndianUnicode.GetString(start[2..]) : Encoding.Latin1.GetString(start).TrimStart('ï', '»', '¿');
        text = text.TrimStart();
        if (!text.StartsWith('<'))
            return null;
        bool Has(string what) => text.Contains(what, StringComparison.OrdinalIgnoreCase);
        bool Starts(string what) => text.StartsWith(what, StringComparison.OrdinalIgnoreCase);
        if (Has("urn:schemas-microsoft-com:office:spreadsheet") || Has("progid=\"Excel.Sheet\""))
            return "SpreadsheetML 2003 (XML that Excel calls .xls)";
        if (Starts("<html") || Starts("<!doctype html") || Starts("<table") || Starts("<head") || Starts("<body") || Starts("<meta") || Starts("<style") || Starts("<div") || (Has("<html") && Has("<table")))
            return "an HTML page (which some programs call .xls)";
        if (Starts("<?xml"))
            return "XML";
        return null;
    }

    static OpenResult.Refused Refuse(string what) =>
        new(ErrorCode.UnsupportedFormat, $"The source is {what}, told by its content. Open it in a spreadsheet and save it as .xlsx or CSV.");
}
