using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Takes off the header what keeps spreadsheets from running its cells: a file that went out for people comes back with the names that it was made from.</summary>
static class HeaderEscapes
{
    /// <returns>The source with the names of its columns as they were, and the options with these names, wherever they said the escaped ones.</returns>
    public static (SourceShape Shape, ImportOptions Options) Remove(SourceShape shape, ImportOptions options)
    {
        if (options.FormulaEscapes != "remove" || !shape.HasHeader)
            return (shape, options);
        var plain = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in shape.Columns)
        {
            if (FormulaEscape.Remove(Encoding.UTF8.GetBytes(name)) is var rest && Encoding.UTF8.GetString(rest) is var clean && clean != name)
                plain[name] = clean;
        }
        if (plain.Count == 0)
            return (shape, options);
        string Plain(string name) => plain.GetValueOrDefault(name, name);
        return (shape with { Columns = [.. shape.Columns.Select(Plain)] }, options with
        {
            Mapping = options.Mapping?.DistinctBy(m => Plain(m.Key), StringComparer.Ordinal).ToDictionary(m => Plain(m.Key), m => m.Value, StringComparer.Ordinal),
            MappingRules = options.MappingRules?.Select(r => r with { Column = r.Column is null ? null : Plain(r.Column), Columns = r.Columns?.Select(Plain).ToList() }).ToList(),
            RegionColumn = options.RegionColumn is null ? null : Plain(options.RegionColumn),
        });
    }
}
