using System.Runtime.InteropServices;
using System.Text;
using Muster.Contacts;

namespace Muster.Mapping;

/// <summary>What a column's cells become.</summary>
public enum TargetKind
{
    Ignore,
    BuiltIn,
    Custom,

    /// <summary>What a dynamic list keeps of its member.</summary>
    Variable,

    /// <summary>Who has opted out or in.</summary>
    Consent,

    /// <summary>Lists and tags by name, that the contact comes into or leaves.</summary>
    Belonging,
}

/// <summary>The field that a column goes to. On the wire: <c>email</c>, <c>field:city</c>, <c>variable:code</c>, <c>lists</c>, <c>tags:remove</c> or <c>ignore</c>.</summary>
/// <param name="Kind">Which of the next two says it.</param>
/// <param name="BuiltIn">The field when the kind is <see cref="TargetKind.BuiltIn"/>.</param>
/// <param name="Name">The custom field's or variable's name when the kind is <see cref="TargetKind.Custom"/> or <see cref="TargetKind.Variable"/>; of <see cref="TargetKind.Consent"/> such as opt_out or opt_in:sms; of <see cref="TargetKind.Belonging"/> one of lists, tags, lists:remove, tags:remove.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FieldTarget(TargetKind Kind, BuiltInField BuiltIn, string? Name)
{
    /// <summary>Longest name of a custom field, in bytes of UTF-8: a column's name fits as it is.</summary>
    public const int NameBytesMax = 256;

    const string CustomPrefix = "field:";
    const string VariablePrefix = "variable:";
    const string AddSuffix = ":add";
    const string RemoveSuffix = ":remove";
    static readonly string[] Belongings = ["lists", "lists" + RemoveSuffix, "tags", "tags" + RemoveSuffix];
    static readonly string[] BuiltInNames = ["phone", "email", "external_id", "first_name", "last_name", "company"];

    public static FieldTarget Ignored => default;

    /// <summary>Wire names of the built-in fields, in the order of <see cref="BuiltInField"/>.</summary>
    public static IReadOnlyList<string> BuiltIns => BuiltInNames;

    /// <summary>A custom field may not have a built-in field's name: the two would not be told apart in mapping and in exports.</summary>
    public static bool IsReserved(string name) => BuiltInNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    public static FieldTarget To(BuiltInField field) => new(TargetKind.BuiltIn, field, null);

    public static FieldTarget ToVariable(string name) => new(TargetKind.Variable, default, name);

    public static FieldTarget ToConsent(string told) => new(TargetKind.Consent, default, told);

    /// <summary>A column whose cells name lists or tags.</summary>
    public static FieldTarget ToBelonging(BelongingKind kind, bool removes) => new(TargetKind.Belonging, default, Belongings[(int)kind * 2 + (removes ? 1 : 0)]);

    /// <summary>Of <see cref="TargetKind.Belonging"/>: what the column names.</summary>
    public BelongingKind Belonging => Name!.StartsWith(Belongings[0], StringComparison.Ordinal) ? BelongingKind.List : BelongingKind.Tag; // such a target has a name

    /// <summary>Of <see cref="TargetKind.Belonging"/>: whether it takes away.</summary>
    public bool Removes => Name!.EndsWith(RemoveSuffix, StringComparison.Ordinal); // as above

    public static FieldTarget ToCustom(string name) => new(TargetKind.Custom, default, name);

    /// <summary>Reads the wire text; built-in names and <c>ignore</c> in any case, a custom name trimmed and in NFC.</summary>
    public static bool TryParse(string text, out FieldTarget target)
    {
        text = text.Trim();
        target = Ignored;
        if (text.Equals("ignore", StringComparison.OrdinalIgnoreCase))
            return true;
        if (text.StartsWith(CustomPrefix, StringComparison.OrdinalIgnoreCase))
        {
            target = ToCustom(ColumnName.Clean(text[CustomPrefix.Length..]));
            return target.Name is { } name && IsName(name);
        }
        if (text.StartsWith(VariablePrefix, StringComparison.OrdinalIgnoreCase))
        {
            target = ToVariable(ColumnName.Clean(text[VariablePrefix.Length..]));
            return target.Name is { } variable && IsName(variable);
        }

        if (ConsentColumns.IsTarget(text.ToLowerInvariant()))
        {
            target = ToConsent(text.ToLowerInvariant());
            return true;
        }

        if (TryBelonging(text, out target))
            return true;
        var builtIn = Array.FindIndex(BuiltInNames, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (builtIn < 0)
            return false;
        target = To((BuiltInField)builtIn);
        return true;
    }

    /// <summary>lists or tags, also list or tag; with :remove, or :add, which goes without saying.</summary>
    static bool TryBelonging(string text, out FieldTarget target)
    {
        var removes = text.EndsWith(RemoveSuffix, StringComparison.OrdinalIgnoreCase);
        var adds = text.EndsWith(AddSuffix, StringComparison.OrdinalIgnoreCase);
        BelongingKind? kind = text[..^(removes ? RemoveSuffix.Length : adds ? AddSuffix.Length : 0)].ToLowerInvariant() switch
        {
            "list" or "lists" => BelongingKind.List,
            "tag" or "tags" => BelongingKind.Tag,
            _ => null,
        };
        target = kind is { } known ? ToBelonging(known, removes) : Ignored;
        return kind is not null;
    }

    static bool IsName(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= NameBytesMax;

    public override string ToString() => Kind switch
    {
        TargetKind.BuiltIn => BuiltInNames[(int)BuiltIn],
        TargetKind.Custom => CustomPrefix + Name,
        TargetKind.Variable => VariablePrefix + Name,
        TargetKind.Consent or TargetKind.Belonging => Name!,
        _ => "ignore",
    };
}
