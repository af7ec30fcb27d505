namespace Muster.Contacts;

/// <summary>How something is told. Numbers are stored.</summary>
public enum TargetMeans : byte { Webhook = 0, Mail = 1 }

/// <summary>Somebody to tell of one import.</summary>
/// <param name="Address">A URL, complete, or an e-mail address.</param>
/// <param name="Format">Name of the form of the body: <see cref="Native"/>, or a vendor's.</param>
public sealed record ImportTarget(TargetMeans Means, string Address, string Format)
{
    public const string Native = "native";
}
