namespace Muster.Contacts;

/// <summary>What one account may use, where that differs from what the settings give to every account. Null: as the setting of the same name says.</summary>
public sealed record AccountLimits
{
    /// <summary>Contacts; 0: nothing limits them. A row beyond is rejected as <see cref="ErrorCode.ContactQuotaExceeded"/>.</summary>
    public long? ContactsMax { get; init; }

    /// <summary>Imports that are queued, running or paused at once. One more is refused as <see cref="ErrorCode.TooManyActiveImports"/>.</summary>
    public int? ImportsActiveMax { get; init; }

    /// <summary>Sources that are being received at once.</summary>
    public int? UploadsAtOnceMax { get; init; }

    /// <summary>Bytes of kept sources; 0: nothing limits them. One that would pass it is refused as <see cref="ErrorCode.SpoolQuotaExceeded"/>.</summary>
    public long? SpoolBytesMax { get; init; }

    /// <summary>Limits of façades by the name of the setting that they stand for, such as exotel_static_list_max. Null, and a name that is missing: as the setting says.</summary>
    public IReadOnlyDictionary<string, long>? Facades { get; init; }

    /// <summary>The same, every member filled in but those of façades, whose settings are the server's.</summary>
    public AccountLimits With(MusterSettings settings) => new()
    {
        ContactsMax = ContactsMax ?? settings.ContactsMax,
        ImportsActiveMax = ImportsActiveMax ?? settings.ImportsActiveMax,
        UploadsAtOnceMax = UploadsAtOnceMax ?? settings.UploadsAtOnceMax,
        SpoolBytesMax = SpoolBytesMax ?? settings.SpoolBytesMax,
        Facades = Facades,
    };
}

/// <summary>What is set for one account. Stored as one document; members may be added.</summary>
public sealed record AccountSettings
{
    /// <summary>Limits of the hold rules by name (<see cref="HoldRules"/>); a null limit switches its rule off. Null: Muster's defaults. The account's own choice.</summary>
    public IReadOnlyDictionary<string, double?>? Hold { get; init; }

    /// <summary>ymd, dmy or mdy: how dates are read when neither the import nor its source says; null holds such imports. The account's own choice.</summary>
    public string? DateOrder { get; init; }

    /// <summary>The operator's choice.</summary>
    public AccountLimits Limits { get; init; } = new();

    /// <summary>True: the account takes no imports. What it has stays readable.</summary>
    public bool ImportsOff { get; init; }
}

/// <summary>What an account uses of its limits.</summary>
/// <param name="ImportsActive">Queued, running or paused.</param>
/// <param name="SpoolBytes">Of sources that are kept.</param>
public sealed record AccountUsage(long Contacts, int ImportsActive, long SpoolBytes);
