using Muster.Server.Api;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>The vendor's error texts: a sentence or <c>Error:</c>, then a token that clients switch on.</summary>
static class VendorError
{
    /// <summary>Code of a problem whose detail is the vendor's own text, to be written as it is.</summary>
    public const string Code = "dotmailer_error";

    public static RefusedException Malformed() => Token(400, "ERROR_MALFORMED_REQUEST");
    public static RefusedException BodyDiffers() => Token(400, "ERROR_BODY_DOES_NOT_MATCH_CONTENT_TYPE");
    public static RefusedException UnsupportedType() => Token(415, "ERROR_CONTENT_TYPE_IS_NOT_SUPPORTED");
    public static RefusedException BadParameter() => Token(400, "ERROR_PARAMETER_INVALID");
    public static RefusedException BadEmail() => Text(400, "Email is not a valid email address. ERROR_PARAMETER_INVALID");
    public static RefusedException NoFile() => Text(400, "file must be valid");
    public static RefusedException SeveralFiles() => Token(400, "ERROR_MULTI_FILE_UPLOAD_NOT_ALLOWED");
    public static RefusedException NoEmailColumn() => Token(400, "ERROR_NO_EMAIL_COLUMN");
    public static RefusedException NoContacts() => Token(400, "ERROR_CONTACTS_ARE_NOT_SPECIFIED");
    public static RefusedException TooManyImports() => Token(400, "ERROR_IMPORT_TOOMANYACTIVEIMPORTS");
    public static RefusedException FileTooLarge(long bytesMax) => Text(413, $"The file is larger than {bytesMax} bytes. ERROR_MALFORMED_REQUEST");
    public static RefusedException ImportNotFound() => Token(404, "ERROR_IMPORT_NOT_FOUND");
    public static RefusedException NoReport() => Text(404, "Import is not processed yet or completed with error. ERROR_IMPORT_REPORT_NOT_FOUND");
    public static RefusedException ReportExpired() => Text(404, "The report of this import is no longer kept. ERROR_IMPORT_REPORT_NOT_FOUND");
    public static RefusedException ContactNotFound() => Token(404, "ERROR_CONTACT_NOT_FOUND");
    public static RefusedException ContactInvalid() => Token(400, "ERROR_CONTACT_INVALID");
    public static RefusedException ContactsFull() => Token(400, "ERROR_CONTACT_TOOMANY");
    public static RefusedException ContactSuppressed() => Text(400, "Contact is suppressed. ERROR_CONTACT_SUPPRESSED");
    public static RefusedException ContactSuppressedHere() => Token(400, "ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK");
    public static RefusedException ResubscriptionInvalid() => Token(400, "ERROR_CONTACT_RESUBSCRIPTION_INVALID");
    public static RefusedException NonUniqueEmail() => Token(400, "ERROR_NON_UNIQUE_EMAIL");
    public static RefusedException AddressBookNotFound() => Token(404, "ERROR_ADDRESSBOOK_NOT_FOUND");
    public static RefusedException AddressBookInvalid() => Token(400, "ERROR_ADDRESSBOOK_INVALID");
    public static RefusedException AddressBookDuplicate() => Text(400, "That name is in use already, please choose another. ERROR_ADDRESSBOOK_DUPLICATE");
    public static RefusedException AddressBookNotWritable() => Text(400, "Address book cannot be written to via the API. ERROR_ADDRESSBOOK_NOTWRITABLE");
    public static RefusedException AddressBookFull() => Token(400, "ERROR_ADDRESSBOOK_LIMITEXCEEDED");
    public static RefusedException FieldInvalid() => Token(400, "ERROR_DATAFIELD_INVALID");
    public static RefusedException FieldNotFound(int status) => Token(status, "ERROR_DATAFIELD_NOTFOUND");
    public static RefusedException FieldOverflow() => Token(400, "ERROR_DATAFIELD_VALUE_OVERFLOW");
    public static RefusedException FieldsFull() => Token(400, "ERROR_DATAFIELD_LIMITEXCEEDED");
    public static RefusedException FieldExists() => Text(400, "Field already exists. ERROR_NON_UNIQUE_DATAFIELD");
    public static RefusedException NotActive() => Token(404, "ERROR_FEATURENOTACTIVE");

    public static RefusedException Text(int status, string message) => new(Refusal.Of(status, Code, message));

    static RefusedException Token(int status, string token) => Text(status, "Error: " + token);
}
