using System.Collections.Frozen;
using System.Text.Json;

namespace Muster.Contacts;

/// <summary>The wire name and the one-sentence message of every <see cref="ErrorCode"/>. A message says the rule and the remedy and never holds a contact's value.</summary>
public static class ErrorCatalogue
{
    static readonly FrozenDictionary<ErrorCode, string> Messages = new Dictionary<ErrorCode, string>
    {
        [ErrorCode.InvalidUtf8] = "The row holds bytes that are not valid UTF-8. Save the file as UTF-8, or correct the damaged characters.",
        [ErrorCode.NulByte] = "The row holds a NUL byte. Remove it.",
        [ErrorCode.UnclosedQuote] = "A quoted cell that begins in this row is never closed. Close the quote, or double a quote that belongs to the text.",
        [ErrorCode.StrayQuote] = "A quote stands where none may stand. Enclose the cell in quotes and double the quotes inside it.",
        [ErrorCode.TooManyCells] = "The row has more cells than the header has columns. Enclose cells that hold the delimiter in quotes.",
        [ErrorCode.TooFewCells] = "The row has fewer cells than the header has columns.",
        [ErrorCode.CellTooLong] = "A cell is longer than the limit cell_bytes_max allows. Shorten it, or raise the limit.",
        [ErrorCode.RecordTooLong] = "The row is longer than the limit record_bytes_max allows. Look for a quote that is never closed, or raise the limit.",
        [ErrorCode.RepeatedHeader] = "The row repeats the header. Remove it.",
        [ErrorCode.InvalidJson] = "The item is not a JSON object of plain values.",
        [ErrorCode.InvalidCell] = "A cell of the workbook is damaged: it names a text that the workbook lacks, holds no number where one must stand, or stands where no cell can be. Enter it again.",
        [ErrorCode.InvalidEncoding] = "The row holds bytes that are no character in the source's encoding. Correct them, or name the right encoding in the option encoding.",
        [ErrorCode.MixedEncoding] = "The row is UTF-8, and the source is not: it would be misread. Save the whole file in one encoding.",
        [ErrorCode.TotalsRow] = "The row stands at the end and sums up the others. If it is a contact, import with totals_rows=0.",
        [ErrorCode.MissingMatchKey] = "The row lacks a value for the field that contacts are matched by. Fill it in, or import with another match.",
        [ErrorCode.AmbiguousMatch] = "The row's identities belong to different contacts. Correct one of them.",
        [ErrorCode.DuplicateInFile] = "Another row of the same source has the same key and counts instead.",
        [ErrorCode.UnknownContact] = "No such contact, and the import may only update.",
        [ErrorCode.ContactExists] = "The contact is already there, and the import may only create.",
        [ErrorCode.AlreadyInList] = "The contact is in the list already, and the import leaves the list's members alone.",
        [ErrorCode.InvalidEmail] = "The e-mail address is not one that mail can be sent to. Correct it.",
        [ErrorCode.InvalidPhone] = "The phone number is not one that its country assigns. Correct it, or write it with + and the country code.",
        [ErrorCode.PhoneTooShort] = "The phone number has too few digits for its country.",
        [ErrorCode.PhoneTooLong] = "The phone number has too many digits for its country.",
        [ErrorCode.PhoneUnknownRegion] = "The phone number has no country code and the import no region. Write it with + and the country code, or set the option region.",
        [ErrorCode.PhoneNotDigits] = "The phone number holds characters that do not belong in one.",
        [ErrorCode.PhoneDamagedBySpreadsheet] = "A spreadsheet turned the phone number into a rounded number, such as 4.4E+11. Format the column as text and enter the number again.",
        [ErrorCode.PhoneExtensionDropped] = "The extension was left out; the number itself was kept.",
        [ErrorCode.InvalidNumber] = "The value of a number field is not a number.",
        [ErrorCode.InvalidDate] = "The value of a date field is not a date. Write it as 2026-01-31.",
        [ErrorCode.AmbiguousDate] = "Day and month of the date cannot be told apart. Set the option date_order.",
        [ErrorCode.DateContradictsOrder] = "The date does not fit the order of day and month in which its column is read. Correct it, or write it as 2026-01-31.",
        [ErrorCode.InvalidBoolean] = "The value of a yes/no field is neither. Write true or false.",
        [ErrorCode.ValueTooLong] = "The value is longer than its field allows.",
        [ErrorCode.ControlCharacter] = "The value holds a control character. Remove it.",
        [ErrorCode.InvalidExternalId] = "The external id is longer than 255 bytes or holds a line break.",
        [ErrorCode.InvalidConsent] = "The cell tells neither that somebody opted in nor that they opted out; it was left out. Write yes or no, a date, or a word such as unsubscribed.",
        [ErrorCode.ListFull] = "The list is full. Raise its limit, or import into another list.",
        [ErrorCode.Suppressed] = "The contact has opted out, or its address, number or domain is on the suppression list. The row was left alone.",
        [ErrorCode.UnknownColumn] = "The source has a column that no field is known for, and the import refuses such columns.",
        [ErrorCode.TooManyFields] = "The account has as many custom fields as fields_max allows; the column was left out.",
        [ErrorCode.ContactQuotaExceeded] = "The account holds as many contacts as contacts_max allows.",
        [ErrorCode.StoreRejectedRow] = "The store refused the row; the rows around it were imported.",
        [ErrorCode.UndoConflict] = "Something wrote here after the import that is taken back. The later value stays, unless on_conflict is force.",
        [ErrorCode.UndoContactKept] = "The import made this contact, and something wrote to it afterwards: it stays, with what was written later and the key it is found by.",
        [ErrorCode.UndoOptOutKept] = "The contact is opted out, and taking the import back would have brought it in again: the opt-out stays, unless allow_resubscribe is true.",
        [ErrorCode.PlanConflict] = "The contact has moved since the plan was made. Its row was left out; plan again, or apply with on_conflict replan.",
        [ErrorCode.EmptySource] = "The source is empty.",
        [ErrorCode.NoUsableColumn] = "No column of the source holds a phone number, an e-mail address or an external id. Name one in mapping.",
        [ErrorCode.UnsupportedFormat] = "The source is in no format that Muster reads.",
        [ErrorCode.UnsupportedEncoding] = "The source is in an encoding that Muster does not read yet. Save it as UTF-8.",
        [ErrorCode.SourceTooLarge] = "The source is larger than source_bytes_max allows.",
        [ErrorCode.TooManyColumns] = "The source has more columns than columns_max allows.",
        [ErrorCode.HeaderTooLong] = "A column's name is longer than header_bytes_max allows.",
        [ErrorCode.SourceUnreadable] = "The source broke off or could not be read.",
        [ErrorCode.PoisonBatch] = "The import stopped the server three times at the same place and was given up.",
        [ErrorCode.Canceled] = "The import was canceled.",
        [ErrorCode.InternalError] = "Muster failed. What was committed stays; the log names the cause under this import's id.",
        [ErrorCode.DiskFull] = "The disk is full. What was committed stays; free some space and resume.",
        [ErrorCode.NoRows] = "The source has a header and no rows.",
        [ErrorCode.SourceExpired] = "The source is no longer kept. Send it again.",
        [ErrorCode.AmbiguousEncoding] = "The source's encoding cannot be told with confidence. Set the option encoding, or save the source as UTF-8.",
        [ErrorCode.ArchiveDamaged] = "The archive is damaged or cut off. Send it again, or send what is in it.",
        [ErrorCode.ArchiveEncrypted] = "The source is encrypted. Send it without a password.",
        [ErrorCode.ArchiveNotOneFile] = "A zip archive must hold exactly one file of data. Send the files one by one.",
        [ErrorCode.InflatedTooLarge] = "The source inflates to more than inflated_bytes_max or inflated_ratio_max allows.",
        [ErrorCode.UnknownSheet] = "The workbook has no sheet of that name or number.",
        [ErrorCode.UnsafeSource] = "The workbook holds what no spreadsheet program writes and what attacks are made of. Save it anew from a spreadsheet.",
        [ErrorCode.UndoExpired] = "What the import changed is no longer kept: it ended more than undo_days days ago.",
        [ErrorCode.LedgerExpired] = "What became of each row is no longer kept: the import ended more than undo_days days ago. Its counts stay.",
        [ErrorCode.AtomicRejected] = "The import is all or nothing, and rows of it were rejected: nothing was imported. Correct the source and send the whole of it again.",
        [ErrorCode.TooManyRejects] = "The import rejected more rows than max_rejects allows and stopped behind the last of them. What was committed stays.",
        [ErrorCode.InvalidUrl] = "The address is no http or https URL and no s3://bucket/key.",
        [ErrorCode.ForbiddenAddress] = "The address is not open to imports and webhooks: it is not public, or its port is not a usual one.",
        [ErrorCode.HostUnknown] = "No address is known for the host. Check its name.",
        [ErrorCode.HostUnreachable] = "No connection to the host could be made, or it broke.",
        [ErrorCode.FetchTimedOut] = "The source did not arrive in time.",
        [ErrorCode.FetchRefused] = "The server that holds the source refused to send it. Check that the address may be read without signing in and has not expired.",
        [ErrorCode.TooManyRedirects] = "The address redirects more often than fetch_redirects_max allows. Name the file's own address.",
        [ErrorCode.FetchCutOff] = "The connection broke before the source was whole, and again at every try. Nothing was imported.",
        [ErrorCode.ContentEncodingBroken] = "The body is not what its Content-Encoding says. Send the file as it is.",
        [ErrorCode.S3NotConfigured] = "Sources at s3:// need credentials, which the operator has not set (s3_access_key, s3_secret_key). Send a presigned https address instead.",
        [ErrorCode.InvalidOption] = "An option of the import has a value that it cannot have.",
        [ErrorCode.TooManyActiveImports] = "The account has as many imports under way as imports_active_max allows. Send the source again when one has ended.",
        [ErrorCode.SpoolQuotaExceeded] = "The account's kept sources would take more bytes than spool_bytes_max allows. Wait until old ones expire, or have the operator raise the limit.",
        [ErrorCode.ImportsOff] = "The operator has switched imports off for the account.",
    }.ToFrozenDictionary();

    static readonly FrozenDictionary<ErrorCode, string> Names =
        Enum.GetValues<ErrorCode>().Where(c => c != ErrorCode.None).ToFrozenDictionary(c => c, c => JsonNamingPolicy.SnakeCaseLower.ConvertName(c.ToString()));

    /// <summary>The stable snake_case name that clients switch on.</summary>
    public static string Name(this ErrorCode code) => Names[code];

    /// <summary>One English sentence: the rule, and the remedy where there is one.</summary>
    public static string Message(this ErrorCode code) => Messages[code];
}
