using System.Text;
using Muster.Contacts;
using Muster.Merging;

namespace Muster.Tests;

/// <summary>One row of a test's batch. Null leaves a field alone, "" clears it.</summary>
sealed record TestRow(string? Email = null, string? Phone = null, string? FirstName = null, string? ExternalId = null, string? City = null, ErrorCode Fault = ErrorCode.None);

/// <summary>Builds blocks as the checker would, without a source.</summary>
static class Rows
{
    public const int CityField = 7;
    public static readonly KeyHashSeed Seed = new(1, 2);

    public static RowBlock Block(int batch, long firstRowNumber, KeyKind match, KeyHashSeed seed, bool last, params TestRow[] rows)
    {
        var block = new RowBlock([CityField]) { BatchNumber = batch };
        for (var i = 0; i < rows.Length; i++)
        {
            var row = block.AddRow(firstRowNumber + i, firstRowNumber + i, (firstRowNumber + i) * 100, 100);
            var source = rows[i];
            block.Cell(row, BuiltInField.Email) = Text(block, source.Email);
            block.Cell(row, BuiltInField.FirstName) = Text(block, source.FirstName);
            block.Cell(row, BuiltInField.ExternalId) = Text(block, source.ExternalId);
            if (source.Phone is { Length: > 0 } phone)
            {
                block.Phone[row] = long.Parse(phone);
                block.Cell(row, BuiltInField.Phone) = new(0, 1);
            }
            else if (source.Phone is not null)
            {
                block.Cell(row, BuiltInField.Phone) = TextSpan.Clear;
            }
            if (source.City is { Length: > 0 } city)
            {
                var start = block.Append(Encoding.UTF8.GetBytes($$"""{"{{CityField}}":""")).Offset;
                block.CustomCell(row, 0) = block.Append(Encoding.UTF8.GetBytes($"\"{city}\""));
                block.Append("}"u8);
                block.Fields[row] = new(start, block.TextLength - start);
            }
            else if (source.City is not null)
            {
                block.CustomCell(row, 0) = TextSpan.Clear;
            }
            if (source.Fault != ErrorCode.None)
                block.Reject(row, 0, source.Fault);
        }
        block.EndOffset = (firstRowNumber + rows.Length) * 100;
        KeyText.HashAll(block, match, seed);
        block.SortKeys();
        block.IsLast = last;
        return block;
    }

    static TextSpan Text(RowBlock block, string? text) => text switch
    {
        null => TextSpan.Absent,
        "" => TextSpan.Clear,
        _ => block.Append(Encoding.UTF8.GetBytes(text)),
    };
}
