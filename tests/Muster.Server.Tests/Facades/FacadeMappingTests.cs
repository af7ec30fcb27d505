using System.Text.RegularExpressions;
using Muster.Contacts;
using Muster.Server.Facades.Cellcast;
using Muster.Server.Facades.Dotmailer;
using Muster.Server.Facades.Exotel;
using Muster.Server.Facades.Netcore;

namespace Muster.Server.Tests.Facades;

/// <summary>Every status and every outcome of the engine has its word on every vendor's wire, and the table of it stands in that vendor's document.</summary>
public sealed class FacadeMappingTests
{
    static readonly Dictionary<ImportStatus, (string Exotel, string Dotmailer, string Netcore)> Statuses = new()
    {
        [ImportStatus.Queued] = ("in-progress", "NotFinished", "none"),
        [ImportStatus.Running] = ("in-progress", "NotFinished", "none"),
        [ImportStatus.Paused] = ("in-progress", "NotFinished", "none"),
        [ImportStatus.Held] = ("in-progress", "RejectedByWatchdog", "none"),
        [ImportStatus.Planned] = ("in-progress", "Unknown", "none"),
        [ImportStatus.Completed] = ("completed", "Finished", "Partial"),
        [ImportStatus.Failed] = ("failed", "Failed", "Failed"),
        [ImportStatus.Canceled] = ("failed", "Failed", "Failed"),
        [ImportStatus.Undone] = ("completed", "Finished", "Failed"),
    };

    static readonly Dictionary<Outcome, (string Dotmailer, string? Cellcast)> Outcomes = new()
    {
        [Outcome.Created] = ("", null),
        [Outcome.Updated] = ("", null),
        [Outcome.Unchanged] = ("", null),
        [Outcome.Duplicate] = ("Duplicate", null),
        [Outcome.Suppressed] = ("Globally Suppressed", "phone_number is suppressed"),
        [Outcome.Skipped] = ("Failures", "phone_number empty"),
        [Outcome.Rejected] = ("Failures", "phone_number empty"),
    };

    public static TheoryData<ImportStatus> AllStatuses() => [.. Enum.GetValues<ImportStatus>()];

    public static TheoryData<Outcome> AllOutcomes() => [.. Enum.GetValues<Outcome>().Where(o => o != Outcome.None)];

    [Theory]
    [MemberData(nameof(AllStatuses))]
    public void Every_status_has_a_word_of_each_vendor(ImportStatus status)
    {
        var (exotel, dotmailer, netcore) = Statuses[status];
        var import = Import(status, default(ImportCounts) with { Created = 1, Rejected = 1 });
        Assert.Equal(exotel, CsvUploads.StatusOf(import));
        Assert.Equal(dotmailer, ImportStatusWord.Of(import, quotaPassed: false));
        if (netcore != "none")
            Assert.Equal(netcore, NetcoreCallback.StatusOf(import));
        var word = status.ToString().ToLowerInvariant();
        foreach (var vendor in (string[])["exotel", "dotmailer", "netcore", "cellcast"])
        {
            if (status is not (ImportStatus.Planned or ImportStatus.Undone)) // no vendor's client can make a plan, or undo
                Assert.True(Table(vendor).Contains(word, StringComparison.Ordinal), $"docs/facades/{vendor}.md does not say what {word} is.");
        }
    }

    [Theory]
    [MemberData(nameof(AllOutcomes))]
    public void Every_outcome_counts_on_each_wire(Outcome outcome)
    {
        var (dotmailer, cellcast) = Outcomes[outcome];
        Assert.Equal(dotmailer, FaultReasons.Of(outcome, ErrorCode.None).Word());
        Assert.Equal(cellcast, ContactsV1.FaultOf(outcome, ErrorCode.None));
        var counts = outcome switch
        {
            Outcome.Created => default(ImportCounts) with { Created = 1 },
            Outcome.Updated => default(ImportCounts) with { Updated = 1 },
            Outcome.Unchanged => default(ImportCounts) with { Unchanged = 1 },
            Outcome.Duplicate => default(ImportCounts) with { Duplicate = 1 },
            Outcome.Suppressed => default(ImportCounts) with { Suppressed = 1 },
            Outcome.Skipped => default(ImportCounts) with { Skipped = 1 },
            _ => default(ImportCounts) with { Rejected = 1 },
        };
        // On the wires that count three ways, each outcome is in exactly one of them.
        Assert.Equal(1, counts.Accepted + counts.Duplicate + CsvUploads.Failed(counts));
        Assert.Equal(1, counts.Accepted + counts.Duplicate + NetcoreCallback.Failed(counts));
        foreach (var vendor in (string[])["exotel", "dotmailer", "netcore", "cellcast"])
            Assert.True(Table(vendor).Contains(outcome.ToString().ToLowerInvariant(), StringComparison.Ordinal), $"docs/facades/{vendor}.md does not say what {outcome} counts as.");
    }

    [Fact]
    public void Netcores_status_tells_all_some_and_none()
    {
        Assert.Equal("Success", NetcoreCallback.StatusOf(Import(ImportStatus.Completed, default(ImportCounts) with { Created = 2, Duplicate = 1 })));
        Assert.Equal("Partial", NetcoreCallback.StatusOf(Import(ImportStatus.Completed, default(ImportCounts) with { Created = 2, Suppressed = 1 })));
        Assert.Equal("Failed", NetcoreCallback.StatusOf(Import(ImportStatus.Completed, default(ImportCounts) with { Rejected = 2 })));
    }

    [Theory]
    [InlineData(ErrorCode.InvalidPhone, "phone_number is not valid")]
    [InlineData(ErrorCode.PhoneTooShort, "phone_number is not valid")]
    [InlineData(ErrorCode.MissingMatchKey, "phone_number empty")]
    public void Cellcast_knows_two_faults_of_a_number(ErrorCode code, string text) => Assert.Equal(text, ContactsV1.FaultOf(Outcome.Rejected, code));

    [Theory]
    [InlineData(ErrorCode.InvalidEmail, "Invalid Email")]
    [InlineData(ErrorCode.MissingMatchKey, "Invalid Email")]
    [InlineData(ErrorCode.ListFull, "Failures")]
    [InlineData(ErrorCode.ContactQuotaExceeded, "Failures")]
    public void Dotmailer_gives_no_reason_that_is_not_so(ErrorCode code, string word) => Assert.Equal(word, FaultReasons.Of(Outcome.Rejected, code).Word());

    static Import Import(ImportStatus status, ImportCounts counts) => new()
    {
        Id = Guid.CreateVersion7(), AccountId = 1, Kind = ImportKind.Import, Status = status, Options = new(), CreatedAt = default, Counts = counts,
        Source = new("file", null, 0, "", null, "csv", "utf-8", ",", [], 0, true),
    };

    /// <summary>The rows of a vendor's tables.</summary>
    static string Table(string vendor) =>
        string.Join('\n', Regex.Matches(Repository.Read($"docs/facades/{vendor}.md"), @"^\|.*$", RegexOptions.Multiline).Select(m => m.Value)).ToLowerInvariant();
}
