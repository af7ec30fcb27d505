using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Muster.Client;
using Muster.Contacts;
using Muster.Server.Auth;
using Muster.Storage;

namespace Muster.Server.Api;

/// <summary><c>/v1/profiles</c>: named, versioned options of imports.</summary>
static class ProfilesApi
{
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
        var (made, refusal) = await ProfileSaving.CreateAsync(input, caller.Account, profiles, imports, settings, cancellationToken);
        return made is null ? refusal! : TypedResults.Created($"/v1/profiles/{made.Id.ToString(CultureInfo.InvariantCulture)}", made); // one of the two is there
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
        if (!Ids.TryNumber(id, out var profileId))
            return NotFound;
        var (changed, refusal) = await ProfileSaving.ReplaceAsync(profileId, input, caller.Account, profiles, imports, cancellationToken);
        return changed is null ? refusal! : TypedResults.Ok(changed); // one of the two is there
    }

    static async Task<Results<NoContent, Refusal>> DeleteAsync(string id, Caller caller, IProfileStore profiles, CancellationToken cancellationToken) =>
        Ids.TryNumber(id, out var profileId) && await profiles.DeleteAsync(caller.Account.Id, profileId, cancellationToken) ? TypedResults.NoContent() : NotFound;

    static ProfileResource Resource(Profile profile) => ProfileSaving.Resource(profile);

    static Refusal NotFound => ProfileSaving.NotFound;
}
