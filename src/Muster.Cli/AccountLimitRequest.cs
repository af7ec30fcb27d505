using Muster.Contacts;

namespace Muster.Cli;

/// <summary>Limits to set for one account, those of façades by the name of their setting. Null leaves a limit; <see cref="Default"/> gives the account what the settings give to every account.</summary>
sealed record AccountLimitRequest(long? ContactsMax, long? ImportsActiveMax, long? UploadsAtOnceMax, long? SpoolBytesMax, bool? ImportsOff, IReadOnlyDictionary<string, long> Facades)
{
    public const long Default = -1;

    public bool ChangesNothing => this is { ContactsMax: null, ImportsActiveMax: null, UploadsAtOnceMax: null, SpoolBytesMax: null, ImportsOff: null, Facades: { Count: 0 } };

    public AccountSettings Apply(AccountSettings now) => now with
    {
        ImportsOff = ImportsOff ?? now.ImportsOff,
        Limits = now.Limits with
        {
            ContactsMax = Chosen(ContactsMax, now.Limits.ContactsMax),
            ImportsActiveMax = (int?)Chosen(ImportsActiveMax, now.Limits.ImportsActiveMax),
            UploadsAtOnceMax = (int?)Chosen(UploadsAtOnceMax, now.Limits.UploadsAtOnceMax),
            SpoolBytesMax = Chosen(SpoolBytesMax, now.Limits.SpoolBytesMax),
            Facades = Chosen(now.Limits.Facades),
        },
    };

    Dictionary<string, long>? Chosen(IReadOnlyDictionary<string, long>? now)
    {
        var all = now?.ToDictionary(StringComparer.Ordinal) ?? new(StringComparer.Ordinal);
        foreach (var (setting, wanted) in Facades)
        {
            if (wanted == Default)
                all.Remove(setting);
            else
                all[setting] = wanted;
        }
        return all.Count == 0 ? null : all;
    }

    static long? Chosen(long? wanted, long? now) => wanted switch { null => now, Default => null, _ => wanted };
}
