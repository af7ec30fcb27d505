namespace Muster.Notifications.Mail;

/// <summary>A mail was not taken.</summary>
/// <param name="status">The server's reply code (RFC 5321 §4.2), or null when it did not reply.</param>
/// <param name="error">Stable snake_case name.</param>
public sealed class SmtpException(int? status, string error, Exception? inner = null) : IOException($"The mail server did not take the mail: {error} {status}.", inner)
{
    public int? Status { get; } = status;

    public string Error { get; } = error;

    /// <summary>5yz: the server will not take it later either. What is between the server and its operator (sign-in, TLS) may be mended.</summary>
    public bool IsFinal => Status is >= 500 and < 600 && Error is "recipient_refused" or "mail_refused";
}
