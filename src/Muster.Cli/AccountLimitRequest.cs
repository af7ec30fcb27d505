using Muster.Contacts;

namespace Muster.Cli;

/// <summary>Limits to set for one account. Null leaves a limit; <see cref="Default"/> gives the account what the settings give to every account.</summary>
sealed record AccountLimitRequest(long? ContactsMax, long? ImportsActiveMax, long? UploadsAtOnceMax, long? SpoolBytesMax, bool? ImportsOff)
{
    public const long Default = -1;

    public bool ChangesNothing => this is { ContactsMax: null, ImportsActiveMax: null, UploadsAtOnceMax: null, SpoolBytesMax: null, ImportsOff: null };

    public AccountSettings Apply(AccountSettings now) => now with
    {
        ImportsOff = ImportsOff ?? now.ImportsOff,
        Limits = now.Limits with
        {
            ContactsMax = Chosen(ContactsMax, now.Limits.ContactsMax),
            ImportsActiveMax = (int?)Chosen(ImportsActiveMax, now.Limits.ImportsActiveMax),
            UploadsAtOnceMax = (int?)Chosen(UploadsAtOnceMax, now.Limits.UploadsAtOnceMax),
            SpoolBytesMax = Chosen(SpoolBytesMax, now.Limits.SpoolBytesMax),
        },
    };

    static long? Chosen(long? wanted, long? now) => wanted switch { null => now, Default => null, _ => wanted };
}
