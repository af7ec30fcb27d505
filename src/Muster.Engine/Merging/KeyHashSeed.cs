namespace Muster.Merging;

public readonly record struct KeyHashSeed(ulong High, ulong Low);
