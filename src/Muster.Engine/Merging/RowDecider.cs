namespace Muster.Merging;

public sealed class RowDecider;
