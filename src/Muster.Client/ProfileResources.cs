namespace Muster.Client;

/// <summary>How sources of one kind are read: options, mapping among them, under a name.</summary>
/// <param name="Version">From 1; each change adds one.</param>
/// <param name="Options">What imports with the profile are told where they do not say themselves.</param>
/// <param name="Columns">What the source's header is expected to hold; empty: anything.</param>
/// <param name="CreatedAt">Of the version.</param>
public sealed record ProfileResource(
    int Id, string Name, int Version, ImportOptionsResource Options, IReadOnlyList<ProfileColumnResource> Columns, DateTimeOffset CreatedAt);

/// <param name="Type">text, number, date, boolean, email or phone; null: any.</param>
public sealed record ProfileColumnResource(string Column, string? Type = null);

/// <summary>What a profile is made of, or replaced by.</summary>
/// <param name="Name">Needed when a profile is made.</param>
/// <param name="Columns">Default: those of the import that it is made from; else none, and nothing is compared.</param>
/// <param name="FromImport">Take columns, mapping and options from this import; what stands beside it here comes first.</param>
public sealed record ProfileInput(
    string? Name = null, ImportOptionsResource? Options = null, IReadOnlyList<ProfileColumnResource>? Columns = null, Guid? FromImport = null);
