namespace Muster.Validation.Phones;

/// <summary>What a number is used for. Names and numbers are those of libphonenumber's <c>PhoneNumberType</c>.</summary>
public enum PhoneType : sbyte
{
    /// <summary>Not a number that any plan assigns.</summary>
    Unknown = -1,
    FixedLine = 0,
    Mobile = 1,

    /// <summary>The plan does not tell fixed from mobile, as in North America.</summary>
    FixedLineOrMobile = 2,
    TollFree = 3,
    PremiumRate = 4,
    SharedCost = 5,
    Voip = 6,
    PersonalNumber = 7,
    Pager = 8,
    Uan = 9,
    Voicemail = 10,
}
