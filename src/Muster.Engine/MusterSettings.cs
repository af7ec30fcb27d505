using System.ComponentModel.DataAnnotations;

namespace Muster;

/// <summary>Every limit and every knob of the engine, each with its default. Set by <c>--option</c>, <c>MUSTER_*</c> environment variable (BatchRowsMax = MUSTER_BATCH_ROWS_MAX) or <c>muster.json</c>, in that order.</summary>
public sealed partial record MusterSettings
{
    /// <summary>The folder of the database, the spool and worker.lock.</summary>
    public string Data { get; init; } = "./muster-data";

    /// <summary>Largest batch, in rows. Larger batches are faster and hold the write lock longer (50,000 rows: about 0.2 s).</summary>
    [Range(1, 500_000)] public int BatchRowsMax { get; init; } = 50_000;

    /// <summary>Largest batch, in bytes of text and cells, and the most text that the contacts which it meets may have: what bounds memory when rows are long or wide, or contacts large.</summary>
    [Range(1 << 16, 1 << 30)] public int BatchBytesMax { get; init; } = 32 << 20;

    /// <summary>Memory for finding duplicates within a file; above it the keys spill to sorted files.</summary>
    [Range(1L << 16, 1L << 40)] public long DedupeMemory { get; init; } = 48L << 20;

    /// <summary>Imports that run at once, beside the lane for small ones.</summary>
    [Range(1, 64)] public int ImportsConcurrent { get; init; } = 2;

    /// <summary>An import of at most this many rows takes the reserved lane.</summary>
    [Range(0, 100_000)] public int SmallImportRows { get; init; } = 1_000;

    /// <summary>How long a worker may be silent before another takes its import over.</summary>
    [Range(1, 3_600)] public int LeaseSeconds { get; init; } = 30;

    /// <summary>Claims of one import at one checkpoint, after which it is given up as poison_batch.</summary>
    [Range(1, 100)] public int PoisonClaimsMax { get; init; } = 3;

    /// <summary>How long a stopping server lets running imports reach their next checkpoint.</summary>
    [Range(0, 600)] public int DrainSeconds { get; init; } = 30;

    /// <summary>Largest source, in bytes.</summary>
    [Range(1L, 1L << 50)] public long SourceBytesMax { get; init; } = 4L << 30;

    /// <summary>Largest content of a packed source, in bytes.</summary>
    [Range(1L, 1L << 50)] public long InflatedBytesMax { get; init; } = 4L << 30;

    /// <summary>Most bytes that one byte of a packed source may become, once 16 MiB are inflated. Contacts rarely reach 30; deflate can reach 1,032.</summary>
    [Range(1, 100_000)] public int InflatedRatioMax { get; init; } = 200;

    /// <summary>Most entries of a zip archive.</summary>
    [Range(1, 10_000_000)] public int ZipEntriesMax { get; init; } = 10_000;

    /// <summary>Largest text of a workbook's sheet, in bytes: what it takes in the spool.</summary>
    [Range(1L << 16, 1L << 50)] public long WorkbookTextBytesMax { get; init; } = 2L << 30;

    /// <summary>Memory for the shared strings of an .xlsx, in bytes; above it they lie in a file.</summary>
    [Range(1 << 16, 1 << 30)] public int WorkbookStringsMemory { get; init; } = 32 << 20;

    /// <summary>Workbooks that are read at once; more wait for their turn.</summary>
    [Range(1, 64)] public int WorkbooksConcurrent { get; init; } = 2;

    /// <summary>Largest .xls, in bytes. A sheet of 65,536 rows and 256 columns seldom reaches half of it; the map of its sectors is held in memory, an eightieth of its size.</summary>
    [Range(1L, 1L << 31)] public long XlsBytesMax { get; init; } = 256L << 20;

    [Range(1, 100_000)] public int ColumnsMax { get; init; } = 1_000;
    [Range(1, 65_536)] public int HeaderBytesMax { get; init; } = 256;
    [Range(16, 1 << 24)] public int CellBytesMax { get; init; } = 64 << 10;
    [Range(64, 1 << 28)] public int RecordBytesMax { get; init; } = 1 << 20;

    /// <summary>Custom fields an account may have.</summary>
    [Range(0, 10_000)] public int FieldsMax { get; init; } = 1_000;

    /// <summary>Variables a dynamic list may have.</summary>
    [Range(0, 1_000)] public int ListVariablesMax { get; init; } = 50;

    /// <summary>Different lists and tags that the columns of one import may name: a column of something else is noticed before it has made thousands.</summary>
    [Range(1, 100_000)] public int ColumnNamesMax { get; init; } = 1_000;

    /// <summary>Contacts an account may have; 0: nothing limits them. As the next three, it can be set for single accounts.</summary>
    [Range(0L, 2_147_483_647L)] public long ContactsMax { get; init; }

    /// <summary>Imports of an account that are queued, running or paused at once.</summary>
    [Range(1, 1_000_000)] public int ImportsActiveMax { get; init; } = 1_000;

    /// <summary>Sources that are being received from an account at once.</summary>
    [Range(1, 100_000)] public int UploadsAtOnceMax { get; init; } = 100;

    /// <summary>Bytes of kept sources of an account; 0: nothing but the disk limits them.</summary>
    [Range(0L, 1L << 50)] public long SpoolBytesMax { get; init; }

    /// <summary>Days that a source, and with it its rejects file, is kept after its import ended.</summary>
    [Range(0, 36_500)] public int SpoolDays { get; init; } = 30;

    /// <summary>Days after its end that an import can be taken back.</summary>
    [Range(0, 36_500)] public int UndoDays { get; init; } = 90;

    /// <summary>Hours that an upload is kept.</summary>
    [Range(1, 8_760)] public int UploadHours { get; init; } = 24;

    /// <summary>Uploads that an account may hold at once.</summary>
    [Range(1, 100_000)] public int UploadsHeldMax { get; init; } = 100;

    /// <summary>Profiles that an account may have.</summary>
    [Range(0, 10_000)] public int ProfilesMax { get; init; } = 200;

    /// <summary>Records at a source's beginning that decide what its columns hold.</summary>
    [Range(1, 100_000)] public int ScanRows { get; init; } = 1_000;

    /// <summary>Places further on where some more records are looked at.</summary>
    [Range(0, 1_000)] public int ScanPlaces { get; init; } = 32;

    /// <summary>Free bytes on the data folder's disk below which nothing new is accepted.</summary>
    [Range(0L, 1L << 50)] public long FreeDiskMin { get; init; } = 256L << 20;

    /// <summary>SQLite page cache of the bulk writer, in bytes.</summary>
    [Range(1L << 20, 1L << 36)] public long SqliteCache { get; init; } = 64L << 20;

    /// <summary>How long a write waits while another process holds the database; then the request is answered 503, and an import waits at its checkpoint.</summary>
    [Range(1, 600)] public int StoreBusySeconds { get; init; } = 10;

    public string SpoolFolder => Path.Combine(Data, "spool");
    public string DatabaseFile => Path.Combine(Data, "muster.db");
    public string WorkerLockFile => Path.Combine(Data, "worker.lock");
    public string ScratchFolder => Path.Combine(Data, "scratch");
}
