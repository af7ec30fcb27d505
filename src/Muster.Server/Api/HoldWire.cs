using System.Text.Json;
using Muster.Contacts;

namespace Muster.Server.Api;

/// <summary>The limits of the hold rules as callers write them: an object of limits, or true or false for all of them.</summary>
static class HoldWire
{
    /// <exception cref="RefusedException">A rule does not exist, or its limit cannot be.</exception>
    public static IReadOnlyDictionary<string, double?>? Limits(JsonElement? given)
    {
        if (given is not { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } json)
            return null;
        switch (json.ValueKind)
        {
            case JsonValueKind.True:
                return HoldRules.On;
            case JsonValueKind.False:
                return HoldRules.Off;
            case JsonValueKind.Object:
                break;
            default:
                throw Bad("hold takes true, false, or an object of limits by rule.");
        }
        var limits = new SortedDictionary<string, double?>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (!HoldRules.Defaults.TryGetValue(member.Name, out var standard))
                throw Bad($"hold has no rule of that name. Rules: {string.Join(", ", HoldRules.Defaults.Keys)}.");
            limits[member.Name] = member.Value.ValueKind switch
            {
                JsonValueKind.False or JsonValueKind.Null => null,
                JsonValueKind.True => standard,
                JsonValueKind.Number when member.Value.TryGetDouble(out var limit) && limit >= 0 && (limit <= 1 || !HoldRules.IsShare(member.Name)) => limit,
                _ => throw Bad($"hold.{member.Name} takes {(HoldRules.IsShare(member.Name) ? "a share from 0 to 1" : "a number that is not negative")}, true or false."),
            };
        }
        return limits;
    }

    public static JsonElement? Json(IReadOnlyDictionary<string, double?>? limits) => limits is null ? null : JsonSerializer.SerializeToElement(limits);

    static RefusedException Bad(string detail) => new(Refusal.Of(400, ErrorCode.InvalidOption, detail, "hold"));
}
