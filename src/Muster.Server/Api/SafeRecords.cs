using Muster.Contacts;
using Muster.Jobs;

namespace Muster.Server.Api;

/// <summary>The form of a records download that is for people with spreadsheets: UTF-8 CSV, in which no cell runs as a formula. An import takes the apostrophes off again.</summary>
static class SafeRecords
{
    /// <param name="word">What the file's name ends with.</param>
    public static async Task WriteAsync(HttpResponse response, SourceRecords records, Import import, Outcome outcome, string word, CancellationToken cancellationToken)
    {
        Download.Begin(response, ReportMedia.Csv + "; charset=utf-8", $"{Path.GetFileNameWithoutExtension(import.Source.FileName) ?? import.Id.ToString()}-{word}.csv");
        var csv = new CsvCells(safe: true);
        if (import.Source.HasHeader || import.Source.Delimiter is null) // a JSON source has names in every record
        {
            foreach (var column in import.Source.Columns)
                csv.Cell(column);
            csv.EndRecord();
        }
        await foreach (var record in records.ReadAsync(import, o => o == outcome, cancellationToken))
        {
            foreach (var cell in record.Cells)
                csv.Cell(cell);
            csv.EndRecord();
            await csv.FlushAsync(response, all: false, cancellationToken);
        }
        await csv.FlushAsync(response, all: true, cancellationToken);
    }
}
