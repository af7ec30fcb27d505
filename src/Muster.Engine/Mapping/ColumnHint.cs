using System.Globalization;
using System.Runtime.InteropServices;

namespace Muster.Mapping;

/// <summary>What the values of one column say about the field it belongs to, beside its name.</summary>
/// <param name="Values">Values looked at; 0 says nothing.</param>
/// <param name="EmailShare">Of them, how many are e-mail addresses, 0 to 1.</param>
/// <param name="PhoneShare">Of them, how many are phone numbers, 0 to 1.</param>
/// <param name="LooksLikeEmail">Enough of them for a column without a telling name.</param>
/// <param name="LooksLikePhone">Enough of them, and written as phone numbers are.</param>
[StructLayout(LayoutKind.Auto)]
/// <param name="ConsentShare">Share of the values that are words of consent, such as unsubscribed; 0 when none says in or out.</param>
public readonly record struct ColumnHint(int Values, double EmailShare, double PhoneShare, bool LooksLikeEmail, bool LooksLikePhone, double ConsentShare = 0)
{
    internal static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100)} %");
}
