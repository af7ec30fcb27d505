using Muster.Contacts;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>The vendor's word for where an import stands.</summary>
static class ImportStatusWord
{
    public const string Finished = "Finished";
    public const string NotFinished = "NotFinished";
    public const string RejectedByWatchdog = "RejectedByWatchdog";
    public const string InvalidFileFormat = "InvalidFileFormat";
    public const string Unknown = "Unknown";
    public const string Failed = "Failed";
    public const string ExceedsAllowedContactLimit = "ExceedsAllowedContactLimit";
    public const string NotAvailableInThisVersion = "NotAvailableInThisVersion";

    /// <param name="quotaPassed">Whether rows were rejected because the account has as many contacts as it may.</param>
    public static string Of(Import import, bool quotaPassed) => import.Status switch
    {
        ImportStatus.Queued or ImportStatus.Running or ImportStatus.Paused => NotFinished,
        ImportStatus.Held => RejectedByWatchdog,
        ImportStatus.Completed or ImportStatus.Undone => quotaPassed ? ExceedsAllowedContactLimit : Finished,
        ImportStatus.Failed when IsOfTheFile(import.Failure?.Code) => InvalidFileFormat,
        ImportStatus.Failed or ImportStatus.Canceled => Failed,
        _ => Unknown,
    };

    static bool IsOfTheFile(ErrorCode? code) => code is
        ErrorCode.EmptySource or ErrorCode.NoUsableColumn or ErrorCode.UnsupportedFormat or ErrorCode.UnsupportedEncoding or ErrorCode.TooManyColumns
        or ErrorCode.HeaderTooLong or ErrorCode.SourceUnreadable or ErrorCode.NoRows or ErrorCode.InvalidJson or ErrorCode.UnknownColumn
        or ErrorCode.ArchiveDamaged or ErrorCode.ArchiveEncrypted or ErrorCode.ArchiveNotOneFile or ErrorCode.InflatedTooLarge or ErrorCode.UnsafeSource;
}
