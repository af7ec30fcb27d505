using Muster.Formats.Encodings;
using Muster.Sources;
using Muster.Storage;

namespace Muster.Jobs;

/// <summary>Erases contacts for good: from the store with its ledger, and from the sources that they came with.</summary>
/// <remarks>
/// The store notes, in the transaction that deletes the contact, which ranges of which sources told of it; the ranges are blanked afterwards, and
/// forgotten only then: a crash in between delays the blanking, and loses none of it. What is reached and what is not: docs/erasure.md.
/// </remarks>
public sealed class ContactEraser(IImportStore imports, IContactStore contacts, Spool spool)
{
    const int RangesAtOnce = 1_000;

    /// <summary>False when there is no such contact.</summary>
    public async Task<bool> EraseAsync(int accountId, int contactId, CancellationToken cancellationToken)
    {
        if (!await contacts.DeleteAsync(accountId, contactId, cancellationToken))
            return false;
        await BlankSourcesAsync(cancellationToken);
        return true;
    }

    /// <summary>Blanks what erasures have left in sources that no import reads any more. The others wait for their imports to end.</summary>
    /// <returns>How many ranges were blanked.</returns>
    public async Task<int> BlankSourcesAsync(CancellationToken cancellationToken)
    {
        var blanked = 0;
        while (await imports.SpoolErasuresAsync(RangesAtOnce, cancellationToken) is { Count: > 0 } ranges)
        {
            foreach (var source in ranges.GroupBy(r => (r.AccountId, r.ImportId)))
            {
                var import = await imports.GetAsync(source.Key.AccountId, source.Key.ImportId, cancellationToken);
                if (import?.Source is { Spool: { } name } of)
                    spool.Blank(name, [.. source.Select(r => (r.ByteOffset, r.ByteLength))], SourceEncoding.Of(of).Blanking(of.Delimiter is [var delimiter] ? delimiter : null));
            }
            await imports.ForgetSpoolErasuresAsync(ranges, cancellationToken);
            blanked += ranges.Count;
        }
        return blanked;
    }
}
