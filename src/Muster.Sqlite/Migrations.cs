using System.Globalization;
using System.Reflection;

namespace Muster.Sqlite;

/// <summary>The numbered schema steps embedded from Migrations/NNNN_name.sql. A database's version is the number of the last step it has taken.</summary>
static class Migrations
{
    static readonly (int Version, string Resource)[] Steps = [.. Find().OrderBy(s => s.Version)];

    public static int Latest => Steps[^1].Version;

    public static int VersionOf(Session session) => (int)session.Number("PRAGMA user_version")!.Value; // a pragma that always answers

    /// <exception cref="DatabaseTooNewException"/>
    public static void Refuse(int version)
    {
        if (version > Latest)
            throw new DatabaseTooNewException(version, Latest);
    }

    /// <summary>Takes the steps that the database lacks, all or none. Safe when two processes do so at once.</summary>
    public static void Apply(Session session)
    {
        if (VersionOf(session) >= Latest)
            return;
        session.Write(s =>
        {
            var now = VersionOf(s);
            Refuse(now);
            foreach (var (version, resource) in Steps.Where(step => step.Version > now))
            {
                s.Run(Read(resource));
                s.Run($"PRAGMA user_version = {version}");
            }
            return now;
        });
    }

    static IEnumerable<(int Version, string Resource)> Find()
    {
        const string Folder = ".Migrations.";
        foreach (var name in Assembly.GetExecutingAssembly().GetManifestResourceNames())
        {
            var at = name.IndexOf(Folder, StringComparison.Ordinal);
            if (at >= 0)
                yield return (int.Parse(name.AsSpan(at + Folder.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), name);
        }
    }

    static string Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!; // the name comes from the assembly's own list
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
