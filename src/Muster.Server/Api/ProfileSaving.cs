using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary>Makes and replaces profiles: one way for the API and the command line.</summary>
public static class ProfileSaving
{
    static readonly string[] Types = ["text", "number", "date", "boolean", "email", "phone", "empty"];

    public static async Task<(ProfileResource? Made, Refusal? Refusal)> CreateAsync(
        ProfileInput input, Account account, IProfileStore profiles, IImportStore imports, MusterSettings settings, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        var (draft, refusal) = await DraftAsync(input, account, imports, cancellationToken);
        if (refusal is not null)
            return (null, refusal);
        if ((await profiles.ProfilesAsync(account.Id, cancellationToken)).Count >= settings.ProfilesMax)
            return (null, Refusal.Of(409, "profiles_full", $"The account has {settings.ProfilesMax} profiles, as many as profiles_max allows. Delete one."));
        return await profiles.CreateAsync(account.Id, name, draft.Options, draft.Columns, cancellationToken) is { } made ? (Resource(made), null) : (null, NameTaken);
    }

    /// <summary>Adds a version that replaces the one before.</summary>
    public static async Task<(ProfileResource? Changed, Refusal? Refusal)> ReplaceAsync(
        int profileId, ProfileInput input, Account account, IProfileStore profiles, IImportStore imports, CancellationToken cancellationToken)
    {
        if (await profiles.GetAsync(account.Id, profileId, null, cancellationToken) is not { } now)
            return (null, NotFound);
        var name = input.Name is null ? now.Name : Name.Checked(input.Name, "name");
        var (draft, refusal) = await DraftAsync(input, account, imports, cancellationToken);
        if (refusal is not null)
            return (null, refusal);
        try
        {
            return await profiles.ChangeAsync(account.Id, profileId, name, draft.Options, draft.Columns, cancellationToken) is { } changed ? (Resource(changed), null) : (null, NotFound);
        }
        catch (ArgumentException e) when (e.ParamName == "name")
        {
            return (null, NameTaken);
        }
    }

    public static ProfileResource Resource(Profile p) =>
        new(p.Id, p.Name, p.Version, Wire.Options(p.Options), [.. p.Columns.Select(c => new ProfileColumnResource(c.Column, c.Type))], p.CreatedAt);

    public static Refusal NotFound => Refusal.NotFound("profile");

    static Refusal NameTaken => Refusal.Of(409, "name_taken", "Another profile of the account has that name.", "name");

    /// <summary>What the input says, over what its import says.</summary>
    static async Task<((ImportOptions Options, IReadOnlyList<ProfileColumn> Columns) Draft, Refusal? Refusal)> DraftAsync(
        ProfileInput input, Account account, IImportStore imports, CancellationToken cancellationToken)
    {
        var options = input.Options is null ? new ImportOptions() : Wire.Options(input.Options);
        if (ProfileChoice.Refuse(options) is { } bad)
            return (default, Refusal.Of(400, bad.Code, bad.Detail, bad.Option));
        IReadOnlyList<ProfileColumn> columns = [];
        if (input.FromImport is { } importId)
        {
            if (await imports.GetAsync(account.Id, importId, cancellationToken) is not { Kind: not ImportKind.Api } import)
                return (default, Refusal.BadBody("from_import names no import of this account.", "from_import"));
            columns = ProfileChoice.ColumnsOf(import);
            options = ProfileChoice.Merge(options, new(0, "", 0, ProfileChoice.OptionsOf(import, account), columns, default)) with { Profile = null };
            if (ProfileChoice.Refuse(options) is { } unusable)
                return (default, Refusal.Of(400, unusable.Code, unusable.Detail, unusable.Option));
        }
        if (input.Columns is { } given)
        {
            if (given.Any(c => string.IsNullOrWhiteSpace(c.Column) || c.Type is not null && !Types.Contains(c.Type, StringComparer.Ordinal)))
                return (default, Refusal.BadBody($"Each of columns has a column's name, and maybe a type: one of {string.Join(", ", Types)}.", "columns"));
            columns = [.. given.Select(c => new ProfileColumn(c.Column, c.Type))];
        }
        return ((options, columns), null);
    }
}
