using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Jobs;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/profiles</c>: named, versioned options of imports.</summary>
static class ProfilesApi
{
    static readonly string[] Types = ["text", "number", "date", "boolean", "email", "phone", "empty"];

    public static void MapProfiles(this IEndpointRouteBuilder routes, MusterSettings settings)
    {
        var group = routes.MapGroup("/v1/profiles").WithTags("profiles").RequireScope(KeyScope.Read).Refuses(400, 401, 403);
        group.MapGet("", ListAsync).WithSummary("The account's profiles, each in its newest version.");
        group.MapPost("", CreateAsync).RequireScope(KeyScope.Write).Refuses(409).WithSummary("Make a profile, from an import or from options.");
        group.MapGet("/{id}", GetAsync).Refuses(404).WithSummary("One profile, in its newest version or in that of ?version=.");
        group.MapGet("/{id}/versions", VersionsAsync).Refuses(404).WithSummary("All versions, the newest first.");
        group.MapPut("/{id}", ReplaceAsync).RequireScope(KeyScope.Write).Refuses(404, 409).WithSummary("Add a version that replaces the one before.");
        group.MapDelete("/{id}", DeleteAsync).RequireScope(KeyScope.Write).Refuses(404).WithSummary("Remove a profile with all its versions; imports keep what they were read by.");
    }

    static async Task<Ok<Client.Page<ProfileResource>>> ListAsync(Caller caller, IProfileStore profiles, string? cursor, string? limit, CancellationToken cancellationToken) =>
        TypedResults.Ok(Paging.Of(cursor, limit).Slice(await profiles.ProfilesAsync(caller.Account.Id, cancellationToken), p => p.Id, Resource));

    static async Task<Results<Created<ProfileResource>, Refusal>> CreateAsync(
        ProfileInput input, Caller caller, IProfileStore profiles, IImportStore imports, MusterSettings settings, CancellationToken cancellationToken)
    {
        var name = Name.Checked(input.Name, "name");
        var (draft, refusal) = await DraftAsync(input, caller, imports, cancellationToken);
        if (refusal is not null)
            return refusal;
        if ((await profiles.ProfilesAsync(caller.Account.Id, cancellationToken)).Count >= settings.ProfilesMax)
            return Refusal.Of(409, "profiles_full", $"The account has {settings.ProfilesMax} profiles, as many as profiles_max allows. Delete one.");
        return await profiles.CreateAsync(caller.Account.Id, name, draft.Options, draft.Columns, cancellationToken) is { } made
            ? TypedResults.Created($"/v1/profiles/{made.Id.ToString(CultureInfo.InvariantCulture)}", Resource(made))
            : NameTaken;
    }

    static async Task<Results<Ok<ProfileResource>, Refusal>> GetAsync(string id, [Description("Number of a version; absent: the newest.")] string? version, Caller caller, IProfileStore profiles, CancellationToken cancellationToken)
    {
        int? wanted = null;
        if (version is not null)
        {
            if (!Ids.TryNumber(version, out var number))
                return Refusal.BadParameter("version", "write the number of a version.");
            wanted = number;
        }
        return Ids.TryNumber(id, out var profileId) && await profiles.GetAsync(caller.Account.Id, profileId, wanted, cancellationToken) is { } profile
            ? TypedResults.Ok(Resource(profile)) : NotFound;
    }

    static async Task<Results<Ok<Client.Page<ProfileResource>>, Refusal>> VersionsAsync(string id, Caller caller, IProfileStore profiles, CancellationToken cancellationToken)
    {
        var versions = Ids.TryNumber(id, out var profileId) ? await profiles.VersionsAsync(caller.Account.Id, profileId, cancellationToken) : [];
        return versions.Count == 0 ? NotFound : TypedResults.Ok(new Client.Page<ProfileResource>([.. versions.Select(Resource)], null));
    }

    static async Task<Results<Ok<ProfileResource>, Refusal>> ReplaceAsync(
        string id, ProfileInput input, Caller caller, IProfileStore profiles, IImportStore imports, CancellationToken cancellationToken)
    {
        if (!Ids.TryNumber(id, out var profileId) || await profiles.GetAsync(caller.Account.Id, profileId, null, cancellationToken) is not { } now)
            return NotFound;
        var name = input.Name is null ? now.Name : Name.Checked(input.Name, "name");
        var (draft, refusal) = await DraftAsync(input, caller, imports, cancellationToken);
        if (refusal is not null)
            return refusal;
        try
        {
            return await profiles.ChangeAsync(caller.Account.Id, profileId, name, draft.Options, draft.Columns, cancellationToken) is { } changed ? TypedResults.Ok(Resource(changed)) : NotFound;
        }
        catch (ArgumentException e) when (e.ParamName == "name")
        {
            return NameTaken;
        }
    }

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IProfileStore profiles, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var profileId) && await profiles.DeleteAsync(caller.Account.Id, profileId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    /// <summary>What the input says, over what its import says.</summary>
    static async Task<((ImportOptions Options, IReadOnlyList<ProfileColumn> Columns) Draft, Refusal? Refusal)> DraftAsync(
        ProfileInput input, Caller caller, IImportStore imports, CancellationToken cancellationToken)
    {
        var options = input.Options is null ? new ImportOptions() : Wire.Options(input.Options);
        IReadOnlyList<ProfileColumn> columns = [];
        if (input.FromImport is { } importId)
        {
            if (await imports.GetAsync(caller.Account.Id, importId, cancellationToken) is not { Kind: not ImportKind.Api } import)
                return (default, Refusal.BadBody("from_import names no import of this account.", "from_import"));
            columns = ProfileChoice.ColumnsOf(import);
            options = ProfileChoice.Merge(options, new(0, "", 0, ProfileChoice.OptionsOf(import), columns, default));
        }
        options = options with { Profile = null };
        if (ProfileChoice.Refuse(options) is { } bad)
            return (default, Refusal.Of(400, bad.Code, bad.Detail, bad.Option));
        if (input.Columns is { } given)
        {
            if (given.Any(c => string.IsNullOrWhiteSpace(c.Column) || c.Type is not null && !Types.Contains(c.Type, StringComparer.Ordinal)))
                return (default, Refusal.BadBody($"Each of columns has a column's name, and maybe a type: one of {string.Join(", ", Types)}.", "columns"));
            columns = [.. given.Select(c => new ProfileColumn(c.Column, c.Type))];
        }
        return ((options, columns), null);
    }

    static ProfileResource Resource(Profile p) => new(p.Id, p.Name, p.Version, Wire.Options(p.Options), [.. p.Columns.Select(c => new ProfileColumnResource(c.Column, c.Type))], p.CreatedAt);

    static Refusal NotFound => Refusal.NotFound("profile");

    static Refusal NameTaken => Refusal.Of(409, "name_taken", "Another profile of the account has that name.", "name");
}
