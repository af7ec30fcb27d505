using Muster.Client;
using Muster.Contacts;

namespace Muster.Server.Api;

/// <summary>The option <c>mapping</c>: one member on the wire, a dictionary or a list of rules in the engine.</summary>
static class MappingWire
{
    public static MappingOption? Of(ImportOptions options) =>
        options.MappingRules is { } rules ? new([.. rules.Select(Rule)])
        : options.Mapping is { } plain ? new([.. plain.Select(p => new MappingRuleResource { Column = p.Key, Field = p.Value })])
        : null;

    /// <summary>The mapping as a dictionary; null when it needs rules.</summary>
    public static IReadOnlyDictionary<string, string>? Plain(MappingOption? mapping)
    {
        if (mapping is null || NeedsRules(mapping))
            return null;
        return mapping.Rules.ToDictionary(r => r.Column!, r => r.Field!, StringComparer.Ordinal); // plain rules have both
    }

    /// <summary>The mapping as rules; null when a dictionary says it.</summary>
    public static IReadOnlyList<MappingRule>? Rules(MappingOption? mapping) =>
        mapping is not null && NeedsRules(mapping)
            ? [.. mapping.Rules.Select(r => new MappingRule
            {
                Column = r.Column, Columns = r.Columns, Value = r.Value, Field = r.Field, Fields = r.Fields, Separator = r.Separator, Type = r.Type, Action = r.Action,
            })]
            : null;

    static bool NeedsRules(MappingOption mapping) =>
        mapping.Rules.Any(r => !r.IsPlain) || mapping.Rules.DistinctBy(r => r.Column, StringComparer.Ordinal).Count() != mapping.Rules.Count;

    static MappingRuleResource Rule(MappingRule r) => new()
    {
        Column = r.Column, Columns = r.Columns, Value = r.Value, Field = r.Field, Fields = r.Fields, Separator = r.Separator, Type = r.Type, Action = r.Action,
    };
}
