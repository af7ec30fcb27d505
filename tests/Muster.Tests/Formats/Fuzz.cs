using System.Globalization;

namespace Muster.Tests.Formats;

/// <summary>How much the fuzz tests do.</summary>
static class Fuzz
{
    const int Usual = 2_000;
    const int Long = 20_000;

    /// <summary>A hang, not slowness, is what fails: a mutant takes milliseconds.</summary>
    public static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    /// <summary>Mutants a format: 20,000 with MUSTER_LONG=1, or as many as MUSTER_FUZZ_MUTANTS says.</summary>
    public static int Mutants =>
        int.TryParse(Environment.GetEnvironmentVariable("MUSTER_FUZZ_MUTANTS"), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set
        : Environment.GetEnvironmentVariable("MUSTER_LONG") == "1" ? Long : Usual;
}
