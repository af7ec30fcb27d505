namespace Muster.Contacts;

/// <summary>Why a row was not imported as sent, or why a whole import failed. Numbers go into the ledger and names onto the wire: both are added, never changed.</summary>
/// <remarks>Every code is explained, with cause and remedy, in docs/error-codes.md; a test keeps the two together.</remarks>
public enum ErrorCode : ushort
{
    None = 0,

    // The shape of a row
    InvalidUtf8 = 1,
    NulByte = 2,
    UnclosedQuote = 3,
    StrayQuote = 4,
    TooManyCells = 5,
    TooFewCells = 6,
    CellTooLong = 7,
    RecordTooLong = 8,
    RepeatedHeader = 9,
    InvalidJson = 10,
    InvalidEncoding = 15,
    MixedEncoding = 16,
    TotalsRow = 17,
    InvalidCell = 18,

    // Identity
    MissingMatchKey = 20,
    AmbiguousMatch = 21,
    DuplicateInFile = 22,
    UnknownContact = 23,
    ContactExists = 24,
    AlreadyInList = 25,

    // Values
    InvalidEmail = 40,
    InvalidPhone = 41,
    PhoneTooShort = 42,
    PhoneTooLong = 43,
    PhoneUnknownRegion = 44,
    PhoneNotDigits = 45,
    PhoneDamagedBySpreadsheet = 46,
    PhoneExtensionDropped = 47,
    InvalidNumber = 48,
    InvalidDate = 49,
    AmbiguousDate = 50,
    InvalidBoolean = 51,
    ValueTooLong = 52,
    ControlCharacter = 53,
    InvalidExternalId = 54,
    InvalidConsent = 55,
    DateContradictsOrder = 58,

    // What the account or its lists allow
    ListFull = 70,
    Suppressed = 71,
    UnknownColumn = 72,
    TooManyFields = 73,
    ContactQuotaExceeded = 74,

    // The store
    StoreRejectedRow = 90,

    // Taking back, and applying a plan
    UndoConflict = 100,
    UndoContactKept = 101,
    PlanConflict = 102,

    // A whole import
    EmptySource = 200,
    NoUsableColumn = 201,
    UnsupportedFormat = 202,
    UnsupportedEncoding = 203,
    SourceTooLarge = 204,
    TooManyColumns = 205,
    HeaderTooLong = 206,
    SourceUnreadable = 207,
    PoisonBatch = 208,
    Canceled = 209,
    InternalError = 210,
    DiskFull = 211,
    NoRows = 212,
    SourceExpired = 213,
    InvalidOption = 214,
    TooManyRejects = 215,
    AtomicRejected = 216,
    AmbiguousEncoding = 220,
    ArchiveDamaged = 221,
    ArchiveEncrypted = 222,
    ArchiveNotOneFile = 223,
    InflatedTooLarge = 224,

    // What an account may have at once
    TooManyActiveImports = 230,
    SpoolQuotaExceeded = 231,
    ImportsOff = 232,

    // Taking back a whole import
    UndoExpired = 280,
    LedgerExpired = 281,
    UndoOptOutKept = 282,

    // A source that is fetched, and webhooks
    InvalidUrl = 240,
    ForbiddenAddress = 241,
    HostUnknown = 242,
    HostUnreachable = 243,
    FetchTimedOut = 244,
    FetchRefused = 245,
    TooManyRedirects = 246,
    FetchCutOff = 247,
    ContentEncodingBroken = 248,
    S3NotConfigured = 249,

    // A workbook
    UnknownSheet = 260,
    UnsafeSource = 261,
}
