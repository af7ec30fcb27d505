namespace Muster.Formats.Json;

/// <summary>How a JSON source is read. The limits bound memory (about two records of the largest size).</summary>
public sealed record JsonOptions
{
    public static readonly JsonOptions Default = new();

    /// <summary>Deepest nesting within one contact, itself counted; deeper is damage.</summary>
    public const int DepthMax = 64;

    /// <summary>The columns that an earlier opening of the same source found. Null: they are looked for, by one pass over the whole source.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Indexes of columns that nobody wants: an object in one of them is no fault.</summary>
    public IReadOnlySet<int>? Ignored { get; init; }

    /// <summary>An object, or a list that holds more than plain values, is a cell: its JSON as it was sent. False: it is a fault.</summary>
    public bool NestedIsText { get; init; }

    /// <summary>Longest cell in bytes of UTF-8, escapes resolved; a longer one rejects its row.</summary>
    public int CellBytesMax { get; init; } = 64 * 1024;

    /// <summary>Longest record in bytes: an object, or a line of NDJSON without its line end.</summary>
    public int RecordBytesMax { get; init; } = 1024 * 1024;

    /// <summary>Most columns; more member names refuse the source.</summary>
    public int ColumnsMax { get; init; } = 1000;

    /// <summary>Longest member name in bytes of UTF-8.</summary>
    public int HeaderBytesMax { get; init; } = 256;
}
