using Muster.Contacts;

namespace Muster.Server.Facades.Dotmailer;

/// <summary>Why a row is no contact now, in the vendor's words, and the counter of the report that it feeds.</summary>
enum FaultReason
{
    None,
    GloballySuppressed,
    InvalidEmail,
    Duplicate,
    Blocker,
    Unsubscribed,
    HardBounced,
    SoftBounced,
    ComplainedToIsp,
    MailBlocked,
    SuppressedByDomain,
    PendingOptin,
    Failures,
    SuppressedByYou,
}

static class FaultReasons
{
    static readonly string[] Words =
    [
        "", "Globally Suppressed", "Invalid Email", "Duplicate", "Blocker", "Unsubscribed", "Hard bounced", "Soft bounced", "Complained to ISP", "Mail blocked",
        "Suppressed by Domain", "Pending optin", "Failures", "Suppressed by you",
    ];

    public static string Word(this FaultReason reason) => Words[(int)reason];

    /// <summary>None for a row that is a contact now. A client may unsubscribe people because of a reason: none is given that is not so.</summary>
    public static FaultReason Of(Outcome outcome, ErrorCode code) => outcome switch
    {
        Outcome.Created or Outcome.Updated or Outcome.Unchanged => FaultReason.None,
        Outcome.Duplicate => FaultReason.Duplicate,
        Outcome.Suppressed => FaultReason.GloballySuppressed,
        Outcome.Rejected when code is ErrorCode.InvalidEmail or ErrorCode.MissingMatchKey => FaultReason.InvalidEmail,
        _ => FaultReason.Failures,
    };
}
