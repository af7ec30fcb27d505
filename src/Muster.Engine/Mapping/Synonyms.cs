using System.Runtime.InteropServices;
using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>Column names in many languages and the built-in fields they mean, from <c>synonyms.txt</c>.</summary>
static class Synonyms
{
    static readonly Lazy<Dictionary<string, Synonym>> Known = new(Load);

    /// <summary>The field that a column of this name means, or null.</summary>
    public static Synonym? Find(string column) => Known.Value.TryGetValue(ColumnName.Key(KnownExport.Plain(column)), out var known) ? known : null;

    static Dictionary<string, Synonym> Load()
    {
        var known = FieldTarget.BuiltIns.Select((name, i) => (name, i)).ToDictionary(b => ColumnName.Key(b.name), b => new Synonym((BuiltInField)b.i, 1));
        using var stream = typeof(Synonyms).Assembly.GetManifestResourceStream("synonyms.txt") ?? throw new InvalidOperationException("synonyms.txt is not embedded.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#')
                continue;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line[..colon].Split(' ') is not [var field, var strength] || !FieldTarget.TryParse(field, out var target) || target.Kind != TargetKind.BuiltIn)
                throw new InvalidOperationException($"synonyms.txt: {line}");
            foreach (var name in line[(colon + 1)..].Split(','))
            {
                var synonym = new Synonym(target.BuiltIn, double.Parse(strength, System.Globalization.CultureInfo.InvariantCulture));
                var key = ColumnName.Key(name);
                if (!known.TryAdd(key, synonym) && known[key].Field != synonym.Field)
                    throw new InvalidOperationException($"synonyms.txt: '{name}' stands for two fields.");
            }
        }

        return known; // a source looks up its columns once: freezing takes longer than that
    }
}

/// <param name="Field">The field that the name means.</param>
/// <param name="Strength">How surely: 1 is the field's own name.</param>
[StructLayout(LayoutKind.Auto)]
readonly record struct Synonym(BuiltInField Field, double Strength);
