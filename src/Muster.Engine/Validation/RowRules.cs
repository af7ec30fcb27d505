using System.Text;
using Muster.Contacts;
using Muster.Validation.Phones;

namespace Muster.Validation;

/// <summary>A column of the source that goes into contacts.</summary>
/// <param name="Column">Index in the source.</param>
/// <param name="BuiltIn">The built-in field, or null for a custom one.</param>
/// <param name="CustomIndex">Index into the block's custom fields, or -1.</param>
/// <param name="DateOrder">How the column's dates are read.</param>
/// <param name="DecimalSign">How the column's numbers are read.</param>
/// <param name="Source">Where the text comes from when it is not simply the column's; then <paramref name="Column"/>, when not -1, is where errors are told.</param>
public sealed record CheckedColumn(
    int Column, BuiltInField? BuiltIn, int CustomIndex, FieldType Type, DateOrder DateOrder = DateOrder.Unknown, DecimalSign DecimalSign = DecimalSign.Unknown, CellSource? Source = null)
{
    /// <summary>What means nothing in this column, as some programs write where they have no value.</summary>
    public BlankText? Blank { get; init; }
}

/// <summary>A text that stands for no value: itself or, with a <c>*</c> behind it, whatever begins so.</summary>
public sealed class BlankText(string text)
{
    readonly bool isStart = text.EndsWith('*');
    readonly byte[] utf8 = Encoding.UTF8.GetBytes(text.TrimEnd('*'));

    public bool Is(ReadOnlySpan<byte> cell) => isStart ? cell.StartsWith(utf8) : cell.SequenceEqual(utf8);
}

/// <summary>A column of the source that goes into the memberships that the import makes.</summary>
/// <param name="Column">Index in the source.</param>
/// <param name="JsonName">The variable's name as JSON, quoted, with the colon behind it.</param>
public sealed record CheckedVariable(int Column, byte[] JsonName);

/// <summary>A column of the source whose cells name lists or tags.</summary>
/// <param name="Column">Index in the source.</param>
/// <param name="Removes">The contact leaves what is named; otherwise it comes in.</param>
public sealed record CheckedNames(int Column, BelongingKind Kind, bool Removes, NameCell Cell);

/// <summary>How the cells of one import are read. Frozen with the import's options.</summary>
/// <param name="Columns">Custom columns last, ascending by field id: the order of the members in a contact's custom fields.</param>
/// <param name="CustomFields">Field ids of the custom columns, ascending.</param>
/// <param name="BlankClears">A blank cell empties its field; otherwise it leaves the field alone.</param>
/// <param name="ClearToken">A cell of exactly these bytes empties its field; null when there is no such text.</param>
/// <param name="DropInvalid">An invalid value is left out with a warning, and its row goes in; a bad match key rejects its row all the same.</param>
public sealed record RowRules(
    IReadOnlyList<CheckedColumn> Columns, int[] CustomFields, KeyKind Match, PhoneRegion Region, PhoneStyle PhoneStyle,
    bool BlankClears, byte[]? ClearToken, bool DropInvalid)
{
    /// <summary>The column that says a row's country, for phone numbers without a country code; -1 for none. A blank there means <see cref="Region"/>; an unknown country, none.</summary>
    public int RegionColumn { get; init; } = -1;

    /// <summary>A date whose year has fewer than four digits is invalid.</summary>
    public bool FullYears { get; init; }

    /// <summary>Most characters (Unicode code points) of a text; a longer value is invalid.</summary>
    public int TextMax { get; init; } = int.MaxValue;

    /// <summary>All kinds of keys that rows are matched by, in order; <see cref="Match"/> is the first. A row needs one of them.</summary>
    public KeyKind[] MatchKinds { get; init; } = [Match];

    /// <summary>Columns that tell about consent.</summary>
    public IReadOnlyList<ConsentColumn> Consent { get; init; } = [];

    /// <summary>What the import says of every row's consent: bits of <see cref="RowConsent"/>.</summary>
    public byte ConsentOfAll { get; init; }

    /// <summary>Cells lose the apostrophe that keeps spreadsheets from running them: see <see cref="FormulaEscape"/>.</summary>
    public bool RemovesFormulaEscapes { get; init; }

    /// <summary>Columns whose cells name lists or tags.</summary>
    public IReadOnlyList<CheckedNames> Names { get; init; } = [];

    /// <summary>Different lists and tags that these columns may name.</summary>
    public int NamesMax { get; init; } = int.MaxValue;

    /// <summary>Columns that dynamic lists keep of their members.</summary>
    public IReadOnlyList<CheckedVariable> Variables { get; init; } = [];
}
