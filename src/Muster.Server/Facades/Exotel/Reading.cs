using System.Globalization;
using System.Text.Json;
using Muster.Server.Api;

namespace Muster.Server.Facades.Exotel;

/// <summary>What the façade's handlers read alike.</summary>
static class Reading
{
    const int NameLengthMax = 200;
    const int PageDefault = 20;

    /// <summary><c>offset</c> and <c>limit</c>, honoured as asked for: clients stop at the first page that is shorter than they wanted.</summary>
    public static (long Offset, int Limit) Page(IQueryCollection query, int limitMax)
    {
        var offset = Number(query, "offset", 0, long.MaxValue) ?? 0;
        return (offset, (int)(Number(query, "limit", 1, limitMax) ?? PageDefault));
    }

    /// <summary><c>sort_by=date_created:asc</c>: a name of <paramref name="orders"/> and a direction, ascending when none is given.</summary>
    public static (T Order, bool Descending)? Sort<T>(IQueryCollection query, IReadOnlyDictionary<string, T> orders)
    {
        if (query["sort_by"].FirstOrDefault() is not { Length: > 0 } text)
            return null;
        var parts = text.Split(':', 2);
        var direction = parts.Length == 1 ? "asc" : parts[1].Trim().ToLowerInvariant();
        if (!orders.TryGetValue(parts[0].Trim().ToLowerInvariant(), out var order) || direction is not ("asc" or "desc"))
            throw Bad("sort_by", $"sort_by must be one of {string.Join(", ", orders.Keys)}, with :asc or :desc behind it");
        return (order, direction == "desc");
    }

    /// <summary>The array under a bulk call's name, not empty and not too long.</summary>
    public static List<JsonElement> Items(JsonDocument body, string name, int itemsMax)
    {
        if (!body.RootElement.TryGetProperty(name, out var items) || items.ValueKind != JsonValueKind.Array)
            throw Bad(name, $"{name} must be an array");
        var count = items.GetArrayLength();
        if (count == 0)
            throw Bad(name, $"{name} is empty");
        return count <= itemsMax ? [.. items.EnumerateArray()] : throw Bad(name, $"{name} has {count} items; one request takes at most {itemsMax}");
    }

    /// <summary>The object itself, or the only item of the array under this name: clients send either.</summary>
    public static JsonElement One(JsonDocument body, string name) =>
        body.RootElement.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array
            ? items.GetArrayLength() == 1 && items[0].ValueKind == JsonValueKind.Object ? items[0] : throw Bad(name, $"{name} must hold exactly one object")
            : body.RootElement;

    /// <summary>What is wrong with the name of a list, or null.</summary>
    public static string? NameFault(string? name) =>
        name?.Trim() is not { Length: > 0 } text ? "name is missing"
        : text.Length > NameLengthMax || text.Any(char.IsControl) ? $"name must have at most {NameLengthMax} characters and no control character"
        : null;

    public static RefusedException Bad(string? parameter, string description) => new(Refusal.Of(400, "invalid_parameter", description, parameter));

    public static RefusedException NotFound(string what) => new(Refusal.NotFound(what));

    static long? Number(IQueryCollection query, string name, long least, long most)
    {
        if (query[name].FirstOrDefault() is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number : throw Bad(name, most == long.MaxValue ? $"{name} must be a whole number" : $"{name} must be a whole number from {least} to {most}");
    }
}
