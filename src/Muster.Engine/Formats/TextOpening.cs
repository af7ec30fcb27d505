using System.Text;
using Muster.Contacts;
using Muster.Formats.Csv;
using Muster.Formats.Encodings;
using Muster.Formats.Json;

namespace Muster.Formats;

/// <summary>How a source of text is opened: what its caller says of it, or an earlier opening found out.</summary>
public sealed record TextOptions
{
    /// <summary>Null: found out.</summary>
    public SourceEncoding? Encoding { get; init; }

    /// <summary>Believed before a guess, where neither a mark, zero bytes nor UTF-8 say what the encoding is.</summary>
    public SourceEncoding? LikelyEncoding { get; init; }

    /// <summary>The source is known to be ASCII without an escape sign.</summary>
    public bool IsPlain { get; init; }

    /// <summary>Null: found out. In an encoding other than ASCII's extensions, or when it is no ASCII character, the source is read through a decoder.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Header, preamble and the limits; its delimiter is left out of account.</summary>
    public CsvOptions Csv { get; init; } = CsvOptions.Default with { HasHeader = null };

    /// <summary>Rows of totals at the end; null to find out.</summary>
    public int? TotalsRows { get; init; }

    public JsonOptions Json { get; init; } = JsonOptions.Default;
}

/// <summary>Opens CSV and JSON in any encoding, by content alone. UTF-8 is read as it is; other encodings through a decoder that keeps the source's offsets.</summary>
public static class TextOpening
{
    const int SampleBytes = 64 * 1024;

    /// <param name="source">Readable and seekable; disposed with the reader, or at once when the source is refused.</param>
    public static OpenResult Open(Stream source, TextOptions options)
    {
        var isOpen = false;
        try
        {
            var result = Examine(source, options);
            isOpen = result is OpenResult.Opened;
            return result;
        }
        finally
        {
            if (!isOpen)
                source.Dispose();
        }
    }

    /// <summary>Opens what is known to be CSV in UTF-8, commas between its cells: found out are header, lines above it and totals below.</summary>
    /// <param name="source">As for <see cref="Open"/>.</param>
    public static OpenResult OpenOwnCsv(Stream source, TextOptions options)
    {
        var isOpen = false;
        try
        {
            source.Position = 0;
            var sample = new byte[SampleBytes];
            sample = sample[..source.ReadAtLeast(sample, sample.Length, throwOnEndOfStream: false)];
            source.Position = 0;
            var known = new EncodingFinding.Found(SourceEncoding.Utf8, new(1, "Muster wrote it."), []);
            var result = OpenCsv(source, known, sample, sample.Length == source.Length, options with { Delimiter = ',' });
            isOpen = result is OpenResult.Opened;
            return result is OpenResult.Opened opened ? opened with { Evidence = opened.Evidence! with { Encoding = null, Delimiter = null } } : result; // OpenCsv gives evidence
        }
        finally
        {
            if (!isOpen)
                source.Dispose();
        }
    }

    static OpenResult Examine(Stream source, TextOptions options)
    {
        source.Position = 0;
        var start = new byte[SampleBytes];
        start = start[..source.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (SourceSignature.RefuseBinary(start) is { } binary)
            return binary;
        var finding = EncodingFinder.Find(source, options.Encoding, options.LikelyEncoding, options.IsPlain);
        if (finding is EncodingFinding.Refused refused)
            // What is no text at all is in no encoding.
            return (refused.IsNamed ? null : SourceSignature.Refuse(start)) ?? new OpenResult.Refused(refused.Code, refused.Detail);
        var found = (EncodingFinding.Found)finding;
        if (found.Encoding.IsUtf8 && SourceSignature.Refuse(start) is { } noText)
            return noText;

        var sample = found.Encoding.IsUtf8 ? start : found.Encoding.Decoder.ToUtf8(start);
        if (SourceSignature.RefuseText(sample) is { } document)
            return document;
        source.Position = 0;
        return JsonRowReader.IsJson(sample) ? OpenJson(source, found, options) : OpenCsv(source, found, sample, start.Length == source.Length, options);
    }

    static OpenResult OpenJson(Stream source, EncodingFinding.Found found, TextOptions options)
    {
        var stream = found.Encoding.IsUtf8 ? null : new TranscodingStream(source, found.Encoding.Decoder);
        var result = JsonRowReader.Open(stream ?? source, options.Json);
        if (result is not OpenResult.Opened { Reader: var reader })
            return result;
        var evidence = new SourceEvidence { Encoding = found.Evidence };
        return new OpenResult.Opened(stream is null ? reader : new TranscodedRowReader(reader, stream, found.Encoding, null, CsvTotals.None)) { Evidence = evidence, Warnings = found.Warnings };
    }

    static OpenResult OpenCsv(Stream source, EncodingFinding.Found found, byte[] sample, bool isWhole, TextOptions options)
    {
        var chosen = options.Delimiter is null ? CsvRowReader.FindLayout(sample, isWhole, options.Csv) : null;
        var delimiter = options.Delimiter ?? chosen!.Delimiter; // found when it was not said
        var stream = found.Encoding.IsUtf8 && delimiter <= '\x7F' ? null : new TranscodingStream(source, found.Encoding.DecoderFor(delimiter));
        var result = CsvRowReader.Open(stream ?? source, options.Csv with { Delimiter = SourceEncoding.TextDelimiter(delimiter) });
        if (result is not OpenResult.Opened { Reader: CsvRowReader { Layout: { } layout } text })
            return result;

        var headerEnd = stream?.SourceOffset(text.Shape.HeaderEnd) ?? text.Shape.HeaderEnd;
        var totals = CsvTotals.Find(source, found.Encoding, delimiter, headerEnd, options.TotalsRows);
        if (stream is null)
            text.RejectTotals(totals);
        return new OpenResult.Opened(stream is null ? text : new TranscodedRowReader(text, stream, found.Encoding, delimiter, totals))
        {
            Evidence = new() { Encoding = found.Evidence, Delimiter = (chosen ?? layout).DelimiterEvidence, Header = layout.HeaderEvidence, Totals = totals.Evidence },
            Warnings = [.. found.Warnings, .. Warnings(text.Shape, layout, totals, options)],
        };
    }

    static IEnumerable<string> Warnings(SourceShape shape, CsvLayout layout, CsvTotals totals, TextOptions options)
    {
        if (layout.PassesText)
            yield return $"The header is row {shape.PreambleRows + 1}: the rows above it were passed over. Set the option preamble_rows if that is wrong.";
        if (options.Csv.HasHeader is null && !shape.HasHeader)
            yield return "The first row holds an e-mail address or a phone number: the source was read as one without a header. Set the option header if that is wrong.";
        if (totals.Rows > 0 && options.TotalsRows is null)
            yield return $"The last {(totals.Rows == 1 ? "row sums" : $"{totals.Rows} rows sum")} up the others and {(totals.Rows == 1 ? "is" : "are")} rejected as {ErrorCode.TotalsRow.Name()}. Set totals_rows=0 if that is wrong.";
    }
}
