namespace Muster.Formats.Csv;

/// <summary>How a CSV source is read. The defaults fit most files; the limits bound memory (about three records of the largest size).</summary>
public sealed record CsvOptions
{
    public static readonly CsvOptions Default = new();

    /// <summary>What parts the cells: an ASCII character. Null: a <c>sep=</c> line says it, else it is found by how evenly it cuts the records.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Whether the first record below the preamble names the columns. Null: it does unless it holds an e-mail address or a phone number.</summary>
    public bool? HasHeader { get; init; } = true;

    /// <summary>Rows above the header, blank ones counted. Null: lines of text above the record that names the columns, if there are any.</summary>
    public int? PreambleRows { get; init; }

    /// <summary>What a record with fewer cells than columns is.</summary>
    public ShortRows ShortRows { get; init; } = ShortRows.Fill;

    /// <summary>Longest cell in bytes of UTF-8, quotes taken off; a longer one rejects its row.</summary>
    public int CellBytesMax { get; init; } = 64 * 1024;

    /// <summary>Longest record in bytes, without its line end. Also how far the closing quote of a cell is looked for.</summary>
    public int RecordBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Most columns; a wider header refuses the source.</summary>
    public int ColumnsMax { get; init; } = 1000;

    /// <summary>Columns that the source has even when the header names fewer: a sheet's last columns may have no name. Without a header, exactly those. 0: as the source shows.</summary>
    public int ColumnsAtLeast { get; init; }

    /// <summary>Longest column name in bytes of UTF-8.</summary>
    public int HeaderBytesMax { get; init; } = 256;
}

/// <summary>What a record with fewer cells than columns is.</summary>
public enum ShortRows
{
    /// <summary>The missing trailing cells are blank: spreadsheets leave them out.</summary>
    Fill,

    /// <summary>The row is rejected with <see cref="Muster.Contacts.ErrorCode.TooFewCells"/>.</summary>
    Reject,
}
