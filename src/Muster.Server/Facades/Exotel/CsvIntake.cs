using Microsoft.AspNetCore.Http.Features;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Mapping;
using Muster.Merging;
using Muster.Server.Api;
using Muster.Server.Hosting;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Server.Facades.Exotel;

/// <summary>Turns an uploaded CSV into an import: looks at the header before it makes anything, so that a file that cannot be used leaves no list behind.</summary>
sealed class CsvIntake(ServerSettings server, Spool spool, UploadFormReader forms, UploadGate uploads, SourceLook look, ImportIntake intake, IContactStore contacts)
{
    public const string NumberColumn = "number";

    /// <summary>What a form may hold beside its file.</summary>
    public const long BodyOverhead = 64 << 20;

    const string Route = "exotel-csv-upload";
    static readonly string[] FileParts = ["file_name", "file"];
    static readonly string[] PathFields = ["file_name", "filepath", "file_path", "file"];

    /// <summary>The columns of the vendor's file, beside the number.</summary>
    public static readonly IReadOnlyDictionary<string, FieldTarget> Optional = new Dictionary<string, FieldTarget>(StringComparer.OrdinalIgnoreCase)
    {
        ["first_name"] = FieldTarget.To(BuiltInField.FirstName),
        ["last_name"] = FieldTarget.To(BuiltInField.LastName),
        ["company_name"] = FieldTarget.To(BuiltInField.Company),
        ["email"] = FieldTarget.To(BuiltInField.Email),
        ["tag"] = FieldTarget.ToCustom(ExotelWire.TagField),
    };

    /// <param name="known">The list that the path names, or null: the form names it.</param>
    /// <returns>The import as accepted, and its list as it was then.</returns>
    /// <exception cref="RefusedException">Something about form or file cannot be used.</exception>
    public async Task<(Import Upload, ContactList List)> TakeAsync(HttpRequest request, ExotelCaller caller, ContactList? known, CancellationToken cancellationToken)
    {
        var limits = ExotelLimits.Of(caller.Account, server);
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
            body.MaxRequestBodySize = limits.FileBytesMax + BodyOverhead;
        using var place = uploads.Enter(caller.Account);
        var form = await forms.ReadAsync(request, FileParts, limits.FileBytesMax, cancellationToken);
        place.Dispose();
        var owned = form.File;
        LookResult? seen = null;
        try
        {
            var name = NameOf(request, form, known);
            var type = TypeOf(request, form);
            var file = FileOf(form);
            seen = look.At(file, new());
            var columns = ColumnsOf(seen);
            var found = known ?? (await contacts.ListsAsync(caller.Account.Id, cancellationToken)).FirstOrDefault(l => l.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            var kind = KindOf(found, type);
            var map = MapOf(columns, kind);
            var variables = VariablesOf(map, found, limits.VariablesMax);

            var list = await PrepareAsync(caller.Account, name, kind, found, variables, cancellationToken);
            owned = null; // from here on the intake's
            var result = await intake.AcceptAsync(
                new(caller.Account, file, "file", form.FileName, Options(list, limits), null, Route) { Columns = map, Look = seen }, CancellationToken.None);
            if (result is IntakeResult.Accepted accepted)
                return (accepted.Import, list);
            if (found is null)
                await contacts.DeleteListAsync(caller.Account.Id, list.Id, CancellationToken.None);
            throw new RefusedException(result is IntakeResult.Refused refused
                ? Refusal.OfIntake(refused.Code, refused.Detail, refused.Option) : throw new InvalidOperationException($"No answer is known for {result.GetType().Name}."));
        }
        finally
        {
            if (owned is not null)
            {
                spool.Delete(owned.Name);
                look.Drop(seen);
            }
        }
    }

    /// <summary>The name that the form gives the list. It does not count where the path names one.</summary>
    static string NameOf(HttpRequest request, UploadForm form, ContactList? known)
    {
        var name = Value(request, form, "list_name")?.Trim();
        if (known is null && Reading.NameFault(name) is { } fault)
            throw Reading.Bad("list_name", "list_" + fault);
        return name ?? "";
    }

    /// <summary>The kind of list that the form asks for; empty when it does not say.</summary>
    static string TypeOf(HttpRequest request, UploadForm form) => Value(request, form, "type")?.Trim().ToLowerInvariant() switch
    {
        null or "" => "",
        ListKinds.Static => ListKinds.Static,
        ListKinds.Dynamic => ListKinds.Dynamic,
        _ => throw Reading.Bad("type", "type must be static or dynamic"),
    };

    static SpooledSource FileOf(UploadForm form) => form.File ?? throw Reading.Bad("file_name", PathFields.Any(form.Fields.ContainsKey)
        ? "file_name must be sent as a file part of multipart/form-data; a path or a JSON body carries no file"
        : "file_name is missing: send the CSV as a file part of multipart/form-data");

    static string KindOf(ContactList? list, string type)
    {
        if (list is null)
            return type.Length == 0 ? ListKinds.Static : type;
        return type.Length == 0 || type == list.Kind ? list.Kind : throw Reading.Bad("type", $"the list is {list.Kind}; a list keeps its type");
    }

    ImportOptions Options(ContactList list, ExotelLimits limits) => new()
    {
        ListIds = [list.Id], ListMembersMax = limits.MembersMax(list.Kind), Match = "phone", Region = server.ExotelRegion, PhoneStyle = "plain", OnInvalidValue = "drop_value", OnListMember = "skip",
        UnknownColumns = "ignore", Hold = HoldRules.Off,
    };

    static IReadOnlyList<string> ColumnsOf(LookResult look) => look switch
    {
        LookResult.Seen { Shape: { Format: "csv" } shape } when shape.Columns.Any(c => Is(c, NumberColumn)) => shape.Columns,
        LookResult.Seen { Shape.Format: "csv" } => throw Reading.Bad("file_name", "the file has no column number in its header row"),
        LookResult.Seen => throw Reading.Bad("file_name", "the file is not a CSV"),
        LookResult.Refused refused => throw Reading.Bad("file_name", "the file is not a CSV that can be used: " + refused.Detail),
        _ => throw new InvalidOperationException("A look has two results."),
    };

    /// <summary>Of columns with one name the first counts. What else a static upload carries is left out; a dynamic one keeps it as variables.</summary>
    static ColumnMap MapOf(IReadOnlyList<string> columns, string kind)
    {
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return new([.. columns.Select((column, i) =>
        {
            var name = column.Trim();
            if (!taken.Add(name))
                return new MappedColumn(i, column, FieldTarget.Ignored, 1, "A column of this name stands before it.");
            if (Is(name, NumberColumn))
                return new MappedColumn(i, column, FieldTarget.To(BuiltInField.Phone), 1, "Exotel's column number.");
            if (Optional.TryGetValue(name, out var target))
                return new MappedColumn(i, column, target, 1, "A column of Exotel's.");
            return kind == ListKinds.Dynamic && FieldTarget.TryParse("variable:" + name, out var variable)
                ? new MappedColumn(i, column, variable, 1, "A variable of the dynamic list.")
                : new MappedColumn(i, column, FieldTarget.Ignored, 1, "Static uploads carry no other columns.");
        })]);
    }

    /// <summary>The list's variables, and those that the file brings.</summary>
    static List<string> VariablesOf(ColumnMap map, ContactList? list, int most)
    {
        var brought = map.Columns.Where(c => c.Target.Kind == TargetKind.Variable).Select(c => c.Target.Name ?? "");
        List<string> variables = [.. (list?.Variables ?? []).Concat(brought).Distinct(StringComparer.OrdinalIgnoreCase)];
        return variables.Count <= most ? variables
            : throw Reading.Bad("file_name", $"a dynamic list has at most {most} variables; with this file it would have {variables.Count}");
    }

    async Task<ContactList> PrepareAsync(Account account, string name, string kind, ContactList? list, List<string> variables, CancellationToken cancellationToken)
    {
        if (list is null)
        {
            return await contacts.CreateListAsync(account.Id, name, new(Kind: kind, Variables: kind == ListKinds.Dynamic ? variables : null), cancellationToken)
                ?? throw new RefusedException(Refusal.Of(409, "name_taken", "Another request has just made a list of that name. Send this one again."));
        }
        if (variables.Count <= list.Variables.Count)
            return list;
        await contacts.ChangeListAsync(account.Id, list.Id, new(Variables: variables), cancellationToken);
        return list with { Variables = variables };
    }

    static bool Is(string column, string name) => column.AsSpan().Trim().Equals(name, StringComparison.OrdinalIgnoreCase);

    static string? Value(HttpRequest request, UploadForm form, string name) => form.Fields.TryGetValue(name, out var value) ? value : request.Query[name].FirstOrDefault();
}
