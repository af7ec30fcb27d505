namespace Muster.Contacts;

/// <summary>Why something about a source was taken for what it is. Stored in the import and shown with it.</summary>
/// <param name="Confidence">0 to 1; 1 for what is certain or was asked for.</param>
/// <param name="Reason">One sentence; never a contact's value.</param>
/// <param name="Candidates">What else it could have been, likeliest first, the one taken included; null when there was no choice.</param>
public sealed record Evidence(double Confidence, string Reason, IReadOnlyList<EvidenceCandidate>? Candidates = null);

/// <summary>One of the things that a source's property could be.</summary>
public sealed record EvidenceCandidate(string Value, double Confidence);

/// <summary>What says that a source is read rightly, by property. Null where the format leaves no question.</summary>
public sealed record SourceEvidence
{
    /// <summary>That it is the format it was read in.</summary>
    public Evidence? Format { get; init; }

    public Evidence? Encoding { get; init; }
    public Evidence? Delimiter { get; init; }

    /// <summary>Whether and where the columns are named.</summary>
    public Evidence? Header { get; init; }

    /// <summary>Which rows at the end are totals.</summary>
    public Evidence? Totals { get; init; }
}

/// <summary>How a source was packed.</summary>
/// <param name="Kind">gzip or zip.</param>
/// <param name="Entry">The zip entry's name; shown to the caller, never logged.</param>
/// <param name="Bytes">Length of what was inside: what offsets, progress and rejects refer to.</param>
public sealed record SourcePacking(string Kind, string? Entry, long Bytes);
