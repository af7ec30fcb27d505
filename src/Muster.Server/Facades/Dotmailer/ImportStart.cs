using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Api;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Makes an import of a spooled file and answers as the vendor does.</summary>
sealed class ImportStart(ImportIntake intake, SourceLook look, Spool spool, IContactStore contacts, MusterSettings settings, ServerSettings server)
{
    const string Route = "/v2/contacts/import";

    public async Task<IResult> RunAsync(Account account, SpooledSource spooled, string kind, string? fileName, int[] lists, MergeOption merge)
    {
        // From here on the bytes lie in the spool: a caller who goes away no longer stops the import from being accepted.
        var options = new ImportOptions
        {
            ListIds = lists.Length == 0 ? null : lists, Match = "email", Policy = merge.Policy, Blank = merge.Blank,
            OnInvalidValue = "drop_value", UnknownColumns = "ignore", DateOrder = server.DotmailerDateOrder, FullYears = true, TextMax = DataFields.TextLengthMax,
        };
        var request = new IntakeRequest(account, spooled, kind, fileName, options, IdempotencyKey: null, Route)
        {
            ActiveMax = server.DotmailerImportsActiveMax, KeepsUnreadable = true,
        };
        LookResult? looked = null;
        try
        {
            looked = look.At(spooled, options);
            switch (looked)
            {
                case LookResult.Refused { Code: ErrorCode.NoRows }:
                    throw VendorError.NoContacts();
                case LookResult.Seen seen:
                    var fields = new DataFields(await contacts.FieldsAsync(account.Id, CancellationToken.None));
                    var columns = FileColumns.Map(seen.Shape.Columns, fields) ?? throw VendorError.NoEmailColumn();
                    foreach (var field in fields.All.Where(f => f is { Id: 0, Type: not FieldType.Text } && columns.CustomColumns.Any(c => c.Target.ToString() == f.Target)))
                        await contacts.MakeFieldAsync(account.Id, new(0, field.Name, field.Type), createdBy: null, settings.FieldsMax, CancellationToken.None);
                    request = request with { Columns = columns, Look = seen };
                    break;
            }
        }
        catch
        {
            spool.Delete(spooled.Name);
            look.Drop(looked);
            throw;
        }
        return await intake.AcceptAsync(request, CancellationToken.None) switch
        {
            IntakeResult.Accepted accepted => Answer.Of(202, new ApiContactImport(accepted.Import.Id, ImportStatusWord.NotFinished), VendorJson.Wire.ApiContactImport),
            IntakeResult.Refused { Code: ErrorCode.TooManyActiveImports } => throw VendorError.TooManyImports(),
            IntakeResult.Refused refused => throw new RefusedException(Refusal.OfIntake(refused.Code, refused.Detail, refused.Option)),
            var other => throw new InvalidOperationException($"No answer is known for {other.GetType().Name}."),
        };
    }
}
