using System.Buffers;
using System.Text;
using Muster.Contacts;
using Muster.Formats;
using Muster.Validation.Phones;

namespace Muster.Validation;

/// <summary>Turns a record's cells into a checked row of a block. Nothing is thrown and nothing allocated for a bad row: it is marked, with every reason.</summary>
public sealed class RowChecker(RowRules rules)
{
    const int ExternalIdBytesMax = 255;

    /// <summary>Characters of a list's or tag's name.</summary>
    public const int NameLengthMax = 200;

    // What JSON asks to be escaped (RFC 8259 §7): quotation mark, reverse solidus, and the control characters U+0000 to U+001F.
    static readonly SearchValues<byte> Escaped = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(i => (byte)i), (byte)'"', (byte)'\\']);

    readonly CheckedColumn[] columns = [.. rules.Columns];

    /// <summary>By custom column, what is before its value in the row's JSON object: <c>,"12":</c>.</summary>
    readonly byte[][] members = [.. rules.CustomFields.Select(id => Encoding.ASCII.GetBytes($",\"{id}\":"))];

    readonly TextSpan blank = rules.BlankClears ? TextSpan.Clear : TextSpan.Absent;
    readonly byte[]? clearToken = rules.ClearToken;
    readonly bool removesFormulaEscapes = rules.RemovesFormulaEscapes;
    readonly byte[] scratch = new byte[1_024];
    readonly Composition composition = new();
    readonly HashSet<string> listNames = new(StringComparer.OrdinalIgnoreCase);
    readonly HashSet<string> tagNames = new(StringComparer.OrdinalIgnoreCase);
    byte[] lastCountry = [];
    PhoneRegion lastRegion;

    public RowRules Rules { get; } = rules;

    /// <summary>Appends the reader's current record to the block.</summary>
    public void Check(RowReader record, RowBlock rows)
    {
        var row = rows.AddRow(record.RowNumber, record.Line, record.ByteOffset, record.ByteLength);
        if (record.Fault != ErrorCode.None)
        {
            rows.Reject(row, record.FaultColumn, record.Fault);
            return;
        }
        var fieldsStart = -1;
        foreach (var column in columns)
        {
            var cell = column.Source is { } source ? source.Read(record) : CellOf(record, column.Column);
            var traits = TextLook.At(cell);
            if ((traits & TextTraits.NotAscii) != 0)
                cell = composition.Compose(cell); // which brings no byte about that JSON wants escaped
            if (column.Blank is { } nothing && nothing.Is(cell))
                cell = default;
            if (column.BuiltIn is { } field)
                CheckBuiltIn(record, rows, row, column.Column, field, cell);
            else
                CheckCustom(rows, row, column, cell, traits, ref fieldsStart);
        }
        if (fieldsStart >= 0)
        {
            rows.Append("}"u8);
            rows.Fields[row] = new(fieldsStart, rows.TextLength - fieldsStart);
        }
        if (Rules.Variables.Count > 0)
            TakeVariables(record, rows, row);
        if (Rules.Names.Count > 0)
            TakeNames(record, rows, row);
        rows.Consent[row] = Rules.ConsentOfAll;
        if (Rules.Consent.Count > 0)
            TakeConsent(record, rows, row);
    }

    /// <summary>What any of the columns says counts. A cell that cannot be read is a warning: it never costs the row.</summary>
    void TakeConsent(RowReader record, RowBlock rows, int row)
    {
        foreach (var column in Rules.Consent)
        {
            var cell = column.Column < record.CellCount ? Blanks.Trim(record.GetCell(column.Column)) : default;
            if (cell.IsEmpty)
                continue;
            if (ConsentCell.TryRead(cell, column, scratch, out var said))
                rows.Consent[row] |= said;
            else
                rows.Warn(row, column.Column, ErrorCode.InvalidConsent);
        }
    }

    ReadOnlySpan<byte> CellOf(RowReader record, int column)
    {
        var cell = Blanks.Trim(record.GetCell(column));
        return removesFormulaEscapes ? FormulaEscape.Remove(cell) : cell;
    }

    /// <summary>Variables are text as it stands; a blank one is none.</summary>
    void TakeVariables(RowReader record, RowBlock rows, int row)
    {
        var start = -1;
        foreach (var variable in Rules.Variables)
        {
            var cell = variable.Column < record.CellCount ? CellOf(record, variable.Column) : default;
            if (cell.IsEmpty)
                continue;
            var before = rows.Append(start < 0 ? "{"u8 : ","u8);
            if (start < 0)
                start = before.Offset;
            rows.Append(variable.JsonName);
            rows.Commit(WriteJsonString(cell, rows.Reserve(cell.Length * 6 + 2)));
        }
        if (start < 0)
            return;
        rows.Append("}"u8);
        rows.SetVariables(row, new(start, rows.TextLength - start));
    }

    /// <summary>Names of lists and tags, as many as a cell holds. A name that cannot be one is an invalid value.</summary>
    void TakeNames(RowReader record, RowBlock rows, int row)
    {
        Span<char> text = stackalloc char[NameLengthMax + 1];
        foreach (var column in Rules.Names)
        {
            var rest = column.Column < record.CellCount ? composition.Compose(CellOf(record, column.Column)) : default;
            var byComma = column.Cell.IsByComma(rest);
            while (column.Cell.TryTake(ref rest, byComma, out var name))
            {
                if (!Encoding.UTF8.TryGetChars(name, text, out var length) || length > NameLengthMax || ContainsControl(text[..length]))
                    Invalid(rows, row, column.Column, ErrorCode.InvalidName, isMatchKey: false);
                else if (!IsKnown(column.Kind, text[..length]))
                    Invalid(rows, row, column.Column, ErrorCode.TooManyNames, isMatchKey: false);
                else
                    rows.Names.Add(row, column.Kind, text[..length], column.Removes);
            }
        }
        if (rows.Fault[row] != ErrorCode.None)
            rows.Names.Forget(row);
    }

    /// <summary>Notes the name; false when the import has named too many others. By the rows read from the source's beginning, so that a resumed import agrees.</summary>
    bool IsKnown(BelongingKind kind, ReadOnlySpan<char> name)
    {
        var known = (kind == BelongingKind.List ? listNames : tagNames).GetAlternateLookup<ReadOnlySpan<char>>();
        return known.Contains(name) || (listNames.Count + tagNames.Count < Rules.NamesMax && known.Add(name));
    }

    static bool ContainsControl(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
                return true;
        }
        return false;
    }

    /// <summary>Whose rules the row's phone number follows. Neighbouring rows mostly share a country.</summary>
    PhoneRegion RegionOf(RowReader record)
    {
        if (Rules.RegionColumn < 0)
            return Rules.Region;
        var cell = Blanks.Trim(record.GetCell(Rules.RegionColumn));
        if (cell.IsEmpty)
            return Rules.Region;
        if (!cell.SequenceEqual(lastCountry))
        {
            Country.TryFind(cell, out lastRegion);
            lastCountry = cell.ToArray();
        }
        return lastRegion;
    }

    void CheckBuiltIn(RowReader record, RowBlock rows, int row, int column, BuiltInField field, ReadOnlySpan<byte> cell)
    {
        ref var span = ref rows.Cell(row, field);
        if (span.HasValue)
            return; // an earlier column of the same field has a value
        if (IsBlankOrClear(cell))
        {
            span = cell.IsEmpty ? blank : TextSpan.Clear;
            return;
        }
        switch (field)
        {
            case BuiltInField.Phone:
                // An international number says its country itself.
                var code = PhoneNumber.TryParse(cell, cell[0] == '+' ? Rules.Region : RegionOf(record), Rules.PhoneStyle, out var e164, out var warning);
                if (code != ErrorCode.None && TryFirstOfSeveral(ref cell))
                {
                    code = PhoneNumber.TryParse(cell, cell[0] == '+' ? Rules.Region : RegionOf(record), Rules.PhoneStyle, out e164, out warning);
                    if (code == ErrorCode.None)
                        rows.Warn(row, column, ErrorCode.ExtraValuesDropped);
                }
                if (code != ErrorCode.None)
                {
                    Invalid(rows, row, column, code, isMatchKey: Rules.MatchKinds.Contains(KeyKind.Phone));
                    return;
                }
                if (warning != ErrorCode.None)
                    rows.Warn(row, column, warning);
                rows.Phone[row] = e164;
                span = new(0, 1);
                break;
            case BuiltInField.Email:
                if (EmailAddress.IsValid(cell))
                {
                    span = rows.Append(cell);
                }
                else if (TryFirstOfSeveral(ref cell) && EmailAddress.IsValid(cell))
                {
                    rows.Warn(row, column, ErrorCode.ExtraValuesDropped);
                    span = rows.Append(cell);
                }
                else
                {
                    Invalid(rows, row, column, ErrorCode.InvalidEmail, isMatchKey: Rules.MatchKinds.Contains(KeyKind.Email));
                }
                break;
            case BuiltInField.ExternalId:
                if (cell.Length > ExternalIdBytesMax || cell.ContainsAny((byte)'\r', (byte)'\n'))
                    Invalid(rows, row, column, ErrorCode.InvalidExternalId, isMatchKey: Rules.MatchKinds.Contains(KeyKind.ExternalId));
                else
                    span = rows.Append(cell);
                break;
            default:
                if (IsTooLong(cell))
                    Invalid(rows, row, column, ErrorCode.ValueTooLong, isMatchKey: false);
                else
                    span = rows.Append(cell);
                break;
        }
    }

    /// <summary>Google writes several addresses or numbers of one label into one cell, with <c> ::: </c> between: the first is taken.</summary>
    static bool TryFirstOfSeveral(ref ReadOnlySpan<byte> cell)
    {
        var end = cell.IndexOf(":::"u8);
        if (end < 0)
            return false;
        cell = Blanks.Trim(cell[..end]);
        return !cell.IsEmpty;
    }

    void CheckCustom(RowBlock rows, int row, CheckedColumn column, ReadOnlySpan<byte> cell, TextTraits traits, ref int fieldsStart)
    {
        ref var span = ref rows.CustomCell(row, column.CustomIndex);
        if (span.HasValue)
            return;
        if (IsBlankOrClear(cell))
        {
            span = cell.IsEmpty ? blank : TextSpan.Clear;
            return;
        }
        var value = cell;
        var quoted = column.Type is FieldType.Text or FieldType.Date;
        if (column.Type != FieldType.Text)
        {
            var code = ReadTyped(column, cell, out var written);
            if (code != ErrorCode.None)
            {
                Invalid(rows, row, column.Column, code, isMatchKey: false);
                return;
            }
            value = scratch.AsSpan(0, written);
        }
        else if (IsTooLong(cell))
        {
            Invalid(rows, row, column.Column, ErrorCode.ValueTooLong, isMatchKey: false);
            return;
        }

        // A byte of text takes at most six as JSON.
        var member = members[column.CustomIndex];
        var json = rows.Reserve(member.Length + value.Length * 6 + 2);
        var start = rows.TextLength;
        member.CopyTo(json);
        if (fieldsStart < 0)
        {
            json[0] = (byte)'{';
            fieldsStart = start;
        }
        json = json[member.Length..];
        var length = !quoted ? CopyTo(value, json) : (traits & TextTraits.Escapes) == 0 ? QuoteTo(value, json) : WriteJsonString(value, json);
        rows.Commit(member.Length + length);
        span = new(start + member.Length, length);
    }

    bool IsTooLong(ReadOnlySpan<byte> utf8) => utf8.Length > Rules.TextMax && Characters(utf8) > Rules.TextMax;

    /// <summary>A character is a lead byte: every byte but 10xxxxxx.</summary>
    static int Characters(ReadOnlySpan<byte> utf8)
    {
        var characters = 0;
        foreach (var b in utf8)
            characters += (b & 0xC0) == 0x80 ? 0 : 1;
        return characters;
    }

    static int CopyTo(ReadOnlySpan<byte> value, Span<byte> json)
    {
        value.CopyTo(json);
        return value.Length;
    }

    static int QuoteTo(ReadOnlySpan<byte> value, Span<byte> json)
    {
        json[0] = json[value.Length + 1] = (byte)'"';
        value.CopyTo(json[1..]);
        return value.Length + 2;
    }

    ErrorCode ReadTyped(CheckedColumn column, ReadOnlySpan<byte> cell, out int written)
    {
        written = 0;
        if (cell.Length > 256)
            return ErrorCode.ValueTooLong;
        return column.Type switch
        {
            FieldType.Number => NumberValue.TryRead(cell, column.DecimalSign, scratch, out written),
            FieldType.Date when Rules.FullYears && !DateValue.HasFullYear(cell) => ErrorCode.InvalidDate,
            FieldType.Date => DateValue.TryRead(cell, column.DateOrder, excelSerials: true, scratch, out written),
            _ => BooleanValue.TryRead(cell, scratch, out written),
        };
    }

    bool IsBlankOrClear(ReadOnlySpan<byte> cell) => cell.IsEmpty || (clearToken is not null && cell.SequenceEqual(clearToken));

    void Invalid(RowBlock rows, int row, int column, ErrorCode code, bool isMatchKey)
    {
        if (Rules.DropInvalid && !isMatchKey)
            rows.Warn(row, column, code);
        else
            rows.Reject(row, column, code);
    }

    /// <summary>Writes a JSON string and returns its length in bytes.</summary>
    static int WriteJsonString(ReadOnlySpan<byte> value, Span<byte> json)
    {
        json[0] = (byte)'"';
        var length = 1;
        while (value.IndexOfAny(Escaped) is var at and >= 0)
        {
            value[..at].CopyTo(json[length..]);
            length += at;
            length += WriteEscape(value[at], json[length..]);
            value = value[(at + 1)..];
        }
        value.CopyTo(json[length..]);
        length += value.Length;
        json[length++] = (byte)'"';
        return length;
    }

    static int WriteEscape(byte b, Span<byte> json)
    {
        ReadOnlySpan<byte> escape = b switch
        {
            (byte)'"' => "\\\""u8,
            (byte)'\\' => "\\\\"u8,
            (byte)'\n' => "\\n"u8,
            (byte)'\r' => "\\r"u8,
            (byte)'\t' => "\\t"u8,
            _ => [(byte)'\\', (byte)'u', (byte)'0', (byte)'0', (byte)('0' + (b >> 4)), HexDigit(b & 15)],
        };
        escape.CopyTo(json);
        return escape.Length;
    }

    static byte HexDigit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);
}
