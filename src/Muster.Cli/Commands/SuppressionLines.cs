using System.Runtime.CompilerServices;
using Muster.Client;
using Muster.Validation;
using Muster.Validation.Phones;

namespace Muster.Cli.Commands;

/// <summary>A file of suppressions, some lines at a time.</summary>
/// <param name="Bad">Numbers of the lines that are none, from 1.</param>
sealed record SuppressionLines(IReadOnlyList<SuppressionInput> Good, IReadOnlyList<int> Bad)
{
    const int AtOnce = 1_000;
    static readonly string[] Headers = ["email", "e-mail", "address", "phone", "number", "domain", "value"];

    /// <param name="reason">For lines that say none.</param>
    public static async IAsyncEnumerable<SuppressionLines> ReadAsync(Stream content, string? reason, string? region, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        _ = PhoneRegion.TryParse(region, out var country);
        using var reader = new StreamReader(content, leaveOpen: true);
        var (good, bad) = (new List<SuppressionInput>(), new List<int>());
        for (var number = 1; await reader.ReadLineAsync(cancellationToken) is { } line; number++)
        {
            var parts = line.Split([',', ';', '\t'], 2);
            var value = Plain(parts[0]);
            if (value.Length == 0 || value[0] == '#' || (number == 1 && Headers.Contains(value, StringComparer.OrdinalIgnoreCase)))
                continue;
            if (SuppressedValue.Read(null, value, country) is null)
                bad.Add(number);
            else
                good.Add(new(value, Reason: parts.Length > 1 && Plain(parts[1]) is { Length: > 0 } own ? own : reason));
            if (good.Count + bad.Count < AtOnce)
                continue;
            yield return new(good, bad);
            (good, bad) = ([], []);
        }
        yield return new(good, bad);
    }

    static string Plain(string cell) => cell.Trim().Trim('"').Trim();
}
