namespace Muster.Validation.Phones;

/// <summary>How much of what people write around a phone number is understood.</summary>
public enum PhoneStyle : byte
{
    /// <summary>Everything libphonenumber's parser understands: spaces, dots, dashes, parentheses, extensions, <c>tel:</c>, letters for digits, digits of other scripts.</summary>
    Any,

    /// <summary>ASCII digits with at most one leading <c>+</c>; anything else is <c>phone_not_digits</c>.</summary>
    Plain,

    /// <summary>As <see cref="Plain"/>; digits that are no number of the region are also read as if a <c>+</c> stood before them.</summary>
    PlainOrInternational,
}
