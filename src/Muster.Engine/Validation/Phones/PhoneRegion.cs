namespace Muster.Validation.Phones;

/// <summary>A region with a numbering plan of its own: what a number written without a country code is read by.</summary>
public readonly record struct PhoneRegion
{
    /// <summary>0 for none, else 1 + the region's plan.</summary>
    private readonly byte _number;

    internal PhoneRegion(int plan) => _number = (byte)(plan + 1);

    /// <summary>No region: only numbers with a country code can be read.</summary>
    public static PhoneRegion None => default;

    /// <summary>ISO 3166-1 alpha-2 in capitals; <c>001</c> for numbers of no country (+800, +870, …); empty for <see cref="None"/>.</summary>
    public string Code => _number == 0 ? "" : NumberingPlan.Codes[_number - 1];

    /// <summary>The plan's number, or -1 for <see cref="None"/>.</summary>
    internal int Plan => _number - 1;

    /// <summary>Reads a two-letter code in either case. <c>UK</c> is read as <c>GB</c>. False, with <see cref="None"/>, for a code without a numbering plan.</summary>
    public static bool TryParse(string? code, out PhoneRegion region)
    {
        region = default;
        if (code is not { Length: 2 })
            return false;
        if (code.Equals("UK", StringComparison.OrdinalIgnoreCase))
            code = "GB";
        for (var plan = 0; plan < NumberingPlan.Countries; plan++)
        {
            if (!code.Equals(NumberingPlan.Codes[plan], StringComparison.OrdinalIgnoreCase))
                continue;
            region = new PhoneRegion(plan);
            return true;
        }
        return false;
    }

    public override string ToString() => Code;
}
