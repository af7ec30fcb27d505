using Muster.Contacts;
using Muster.Sources;

namespace Muster.Jobs;

/// <summary>An import of what another one rejected, corrected: it has the parent's options, and the parent shows what it healed.</summary>
public static class ImportRetry
{
    /// <summary>Why this import cannot be retried now, or null.</summary>
    public static string? Refuse(Import parent)
    {
        if (parent.Kind is not (ImportKind.Import or ImportKind.Apply))
            return "Only an import can be retried: this one is a plan, an undo or a redo.";
        return parent.Status.IsTerminal() ? null : "The import has not ended. Wait for its end, or cancel it; then send its corrected rejects.";
    }

    /// <summary>The parent's options, as it froze them; how the corrected file is written is its own affair.</summary>
    /// <param name="given">May say encoding, delimiter, header, preamble, totals, sheet and formula escapes, and nothing else.</param>
    public static (ImportOptions Options, IntakeResult.Refused? Refused) OptionsOf(Import parent, ImportOptions given)
    {
        if (given with { Encoding = null, Delimiter = null, Header = null, PreambleRows = null, TotalsRows = null, Sheet = null, FormulaEscapes = null } != new ImportOptions())
            return (given, new(ErrorCode.InvalidOption, "A retry has the options of the import it corrects. Only encoding, delimiter, header, preamble_rows, totals_rows, sheet and formula_escapes may be given, since the corrected file may be written in another way."));
        return (parent.Options with
        {
            Encoding = given.Encoding, Delimiter = given.Delimiter, Header = given.Header ?? parent.Options.Header, PreambleRows = given.PreambleRows, TotalsRows = given.TotalsRows,
            Sheet = given.Sheet, FormulaEscapes = given.FormulaEscapes ?? parent.Options.FormulaEscapes, TagIds = null, Fields = null,
        }, null);
    }

    /// <summary>Where the parent's values were as they are, a table for people may come back all the same: the rejects file that was made for them from another format, or with their byte order mark.</summary>
    internal static ImportOptions AskAnewOfEscapes(ImportOptions options, ImportOptions given, Import parent, SpooledSource child, Spool spool) =>
        given.FormulaEscapes is null && options.FormulaEscapes == "keep" && (parent.Source.Format != "csv" || (HasMark(spool, child.Name) && !HasMark(spool, parent.Source.Spool)))
            ? options with { FormulaEscapes = null } : options;

    /// <summary>Whether a spooled file begins with a byte order mark of UTF-8.</summary>
    internal static bool HasMark(Spool spool, string? name)
    {
        Span<byte> start = stackalloc byte[3];
        using var source = spool.TryOpen(name);
        var length = source?.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) ?? 0;
        return start[..length].SequenceEqual("\uFEFF"u8);
    }
}
