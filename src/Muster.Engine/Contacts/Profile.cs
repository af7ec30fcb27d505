namespace Muster.Contacts;

/// <summary>A column as a profile knows it.</summary>
/// <param name="Type">What its values looked like: text, number, date, boolean, email, phone; null when nobody looked.</param>
public sealed record ProfileColumn(string Column, string? Type);

/// <summary>How sources of one kind are read: options, mapping among them, under a name. A change makes a new version; earlier ones stay readable.</summary>
/// <param name="Id">Per-account integer, never reused.</param>
/// <param name="Name">Unique per account without regard to case.</param>
/// <param name="Version">From 1.</param>
/// <param name="Options">What imports with the profile are told where they do not say themselves.</param>
/// <param name="Columns">What the source's header is expected to hold; empty: anything, and nothing is compared.</param>
/// <param name="CreatedAt">Of the version.</param>
public sealed record Profile(int Id, string Name, int Version, ImportOptions Options, IReadOnlyList<ProfileColumn> Columns, DateTimeOffset CreatedAt);
