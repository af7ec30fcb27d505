using Muster.Contacts;
using Muster.Formats;
using Muster.Merging;
using Muster.Sources;
using Muster.Validation;

namespace Muster.Jobs;

/// <summary>Reads single rows of a kept source again, where its ledger says that they lie, in ascending order.</summary>
/// <remarks>Goes on from record to record while the next row is near, and jumps where it is not, or where a blanked record has changed what lies between.</remarks>
sealed class RowsAgain(RowReader reader, RowChecker checker) : IDisposable
{
    const int NearBytes = 64 << 10;
    long position = -1;

    /// <summary>The row that was read last.</summary>
    public RowBlock Rows { get; } = new(checker.Rules.CustomFields);

    /// <exception cref="SourceException">The source is not what it was.</exception>
    public void Read(LedgerBatch ledger, int row)
    {
        var offset = ledger.ByteOffset[row];
        if (position < 0 || offset < position || offset - position > NearBytes || !TryReach(offset))
        {
            reader.Resume(new(offset, ledger.RowNumber[row], ledger.Line[row]));
            if (!reader.Read() || reader.ByteOffset != offset)
                throw new SourceException(ErrorCode.SourceUnreadable, $"Row {ledger.RowNumber[row]} no longer lies where it did when it was imported.");
        }
        position = reader.BytesRead;
        Rows.Clear();
        checker.Check(reader, Rows);
    }

    public void Dispose() => reader.Dispose();

    bool TryReach(long offset)
    {
        do
        {
            if (!reader.Read())
                return false;
        }
        while (reader.ByteOffset < offset);
        return reader.ByteOffset == offset;
    }
}
