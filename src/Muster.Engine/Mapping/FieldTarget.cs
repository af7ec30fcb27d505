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
}

/// <summary>The field that a column goes to. On the wire: <c>email</c>, <c>field:city</c>, <c>variable:code</c> or <c>ignore</c>.</summary>
/// <param name="Kind">Which of the next two says it.</param>
/// <param name="BuiltIn">The field when the kind is <see cref="TargetKind.BuiltIn"/>.</param>
/// <param name="Name">The custom field's or variable's name when the kind is <see cref="TargetKind.Custom"/> or <see cref="TargetKind.Variable"/>; of <see cref="TargetKind.Consent"/> such as opt_out or opt_in:sms.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FieldTarget(TargetKind Kind, BuiltInField BuiltIn, string? Name)
{
    /// <summary>Longest name of a custom field, in bytes of UTF-8: a column's name fits as it is.</summary>
    public const int NameBytesMax = 256;

    const string CustomPrefix = "field:";
    const string VariablePrefix = "variable:";
    static readonly string[] BuiltInNames = ["phone", "email", "external_id", "first_name", "last_name", "company"];

    public static FieldTarget Ignored => default;

    /// <summary>Wire names of the built-in fields, in the order of <see cref="BuiltInField"/>.</summary>
    public static IReadOnlyList<string> BuiltIns => BuiltInNames;

    /// <summary>A custom field may not have a built-in field's name: the two would not be told apart in mapping and in exports.</summary>
    public static bool IsReserved(string name) => BuiltInNames.Contains(name, StringComparer.OrdinalIgnoreCase);

    public static FieldTarget To(BuiltInField field) => new(TargetKind.BuiltIn, field, null);

    public static FieldTarget ToVariable(string name) => new(TargetKind.Variable, default, name);

    public static FieldTarget ToConsent(string told) => new(TargetKind.Consent, default, told);

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

        var builtIn = Array.FindIndex(BuiltInNames, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (builtIn < 0)
            return false;
        target = To((BuiltInField)builtIn);
        return true;
    }

    static bool IsName(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= NameBytesMax;

    public override string ToString() => Kind switch
    {
        TargetKind.BuiltIn => BuiltInNames[(int)BuiltIn],
        TargetKind.Custom => CustomPrefix + Name,
        TargetKind.Variable => VariablePrefix + Name,
        TargetKind.Consent => Name!,
        _ => "ignore",
    };
}
