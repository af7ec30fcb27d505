using System.Globalization;
using System.Text;

namespace Muster.Notifications.Mail;

/// <summary>A mail of two alternatives, text and HTML, as bytes for the wire (RFC 5322, RFC 2045–2047).</summary>
/// <remarks>Whatever a header's value holds, it stays within its header: control characters are dropped, and what is not plain ASCII becomes encoded words.</remarks>
public sealed record MailMessage(string From, string To, string Subject, string Text, string Html)
{
    const int LineMax = 76;

    /// <summary>Bytes of UTF-8 that fit into one encoded word beside its frame.</summary>
    const int WordBytesMax = 42;

    /// <param name="id">Left part of Message-ID: the same at every try, so that mailboxes can tell repetitions.</param>
    public byte[] ToBytes(DateTimeOffset now, string id)
    {
        var host = From[(From.LastIndexOf('@') + 1)..];
        var boundary = "=_" + id;
        var mail = new StringBuilder();
        Header("From", $"Muster <{Clean(From)}>");
        Header("To", $"<{Clean(To)}>");
        Header("Subject", Words(Clean(Subject)));
        Header("Date", now.ToUniversalTime().ToString("ddd, dd MMM yyyy HH':'mm':'ss '+0000'", CultureInfo.InvariantCulture));
        Header("Message-ID", $"<{id}@{Clean(host)}>");
        // RFC 3834: answering machines keep silent.
        Header("Auto-Submitted", "auto-generated");
        Header("MIME-Version", "1.0");
        Header("Content-Type", $"multipart/alternative; boundary=\"{boundary}\"");
        mail.Append("\r\n");
        Part("text/plain", Text);
        Part("text/html", Html);
        mail.Append("--").Append(boundary).Append("--\r\n");
        return Encoding.UTF8.GetBytes(mail.ToString());

        void Header(string name, string value) => mail.Append(name).Append(": ").Append(value).Append("\r\n");

        void Part(string type, string body)
        {
            mail.Append("--").Append(boundary).Append("\r\n");
            Header("Content-Type", type + "; charset=utf-8");
            Header("Content-Transfer-Encoding", "quoted-printable");
            mail.Append("\r\n").Append(QuotedPrintable(body)).Append("\r\n");
        }
    }

    static string Clean(string value) => string.Concat(value.Where(c => !char.IsControl(c)));

    /// <summary>RFC 2047: words of Base64, none of them splitting a character.</summary>
    static string Words(string value)
    {
        if (value.All(c => c is >= ' ' and <= '~') && value.Length <= LineMax - 10 && !value.Contains("=?", StringComparison.Ordinal))
            return value;
        var words = new List<string>();
        var bytes = new List<byte>();
        foreach (var rune in value.EnumerateRunes())
        {
            var utf8 = new byte[rune.Utf8SequenceLength];
            rune.EncodeToUtf8(utf8);
            if (bytes.Count + utf8.Length > WordBytesMax)
                Flush();
            bytes.AddRange(utf8);
        }
        Flush();
        return string.Join("\r\n ", words);

        void Flush()
        {
            words.Add($"=?utf-8?B?{Convert.ToBase64String([.. bytes])}?=");
            bytes.Clear();
        }
    }

    /// <summary>RFC 2045 §6.7.</summary>
    static string QuotedPrintable(string text)
    {
        var quoted = new StringBuilder();
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            var column = 0;
            var utf8 = Encoding.UTF8.GetBytes(line);
            for (var i = 0; i < utf8.Length; i++)
            {
                var b = utf8[i];
                var plain = b is >= 33 and <= 126 and not (byte)'=' || (b is (byte)' ' or (byte)'\t' && i < utf8.Length - 1);
                var width = plain ? 1 : 3;
                if (column + width > LineMax - 1)
                {
                    quoted.Append("=\r\n");
                    column = 0;
                }
                if (plain)
                    quoted.Append((char)b);
                else
                    quoted.Append('=').Append(b.ToString("X2", CultureInfo.InvariantCulture));
                column += width;
            }
            quoted.Append("\r\n");
        }
        return quoted.ToString();
    }
}
