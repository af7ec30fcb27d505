using Muster.Contacts;
using Muster.Mapping;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Where a file's columns go by the vendor's rules: e-mail by its name in any language, data fields by theirs, the rest nowhere.</summary>
static class FileColumns
{
    const string Nested = "field:";

    /// <summary>Null when no column is the e-mail's.</summary>
    public static ColumnMap? Map(IReadOnlyList<string> columns, DataFields fields)
    {
        var email = EmailColumn(columns);
        if (email < 0)
            return null;
        var taken = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var mapped = new List<MappedColumn>();
        for (var i = 0; i < columns.Count; i++)
        {
            var name = columns[i].StartsWith(Nested, StringComparison.OrdinalIgnoreCase) ? columns[i][Nested.Length..] : columns[i];
            if (i == email)
                mapped.Add(new(i, columns[i], FieldTarget.To(BuiltInField.Email), 1, "The column of e-mail addresses."));
            else if (fields.TargetOf(name.Trim()) is { } target && FieldTarget.TryParse(target, out var field) && taken.Add(target))
                mapped.Add(new(i, columns[i], field, 1, "The name of a data field."));
            else
                mapped.Add(new(i, columns[i], FieldTarget.Ignored, 1, "No data field has this name."));
        }
        return new(mapped);
    }

    /// <summary>The column called Email, or else the one that means it in any of the languages that Muster knows.</summary>
    static int EmailColumn(IReadOnlyList<string> columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Trim().Equals("email", StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return ColumnMapper.Map(columns, null, UnknownColumns.Ignore, [], 0) is MappingResult.Mapped { Map: var map } ? map.IndexOf(BuiltInField.Email) : -1;
    }
}
