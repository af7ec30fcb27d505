using Muster.Contacts;
using Muster.Storage;

namespace Muster.Tests.Storage;

static class StoreFields
{
    /// <summary>The field of that name, made when missing.</summary>
    public static async Task<FieldDefinition> FieldAsync(this IContactStore contacts, int accountId, string name, FieldType type) =>
        (await contacts.MakeFieldAsync(accountId, new(0, name, type), createdBy: null, fieldsMax: int.MaxValue, CancellationToken.None)).Field
            ?? throw new InvalidOperationException("There is room for any number of fields.");
}
