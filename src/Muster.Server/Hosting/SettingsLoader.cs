using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muster.Notifications.Mail;
using Muster.Sources.Outbound;
using Muster.Validation;

namespace Muster.Server.Hosting;

/// <summary>A setting cannot be used. The message names it, where it came from, and the rule.</summary>
public sealed class SettingsException(string message) : Exception(message);

/// <summary>Both kinds of settings, loaded and checked.</summary>
public sealed record LoadedSettings(MusterSettings Muster, ServerSettings Server)
{
    /// <summary>What an operator should hear of and can do without: <c>MUSTER_*</c> variables that are no settings.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];
}

/// <summary>Reads settings from <c>--option</c>, <c>MUSTER_*</c> environment variables and <c>muster.json</c>: the first that has a value counts.</summary>
/// <remarks><c>BatchRowsMax</c> is <c>--batch-rows-max</c>, <c>MUSTER_BATCH_ROWS_MAX</c> and <c>"batch_rows_max"</c>.</remarks>
public static class SettingsLoader
{
    public const string FileName = "muster.json";
    internal const string Prefix = "MUSTER_";

    /// <param name="options">Option names without dashes in front, such as batch-rows-max. A null value means not given.</param>
    /// <param name="environment">As <see cref="Environment.GetEnvironmentVariables()"/> answers. A name that misspells a setting is refused, any other that is none is remarked upon.</param>
    /// <param name="file">Path of muster.json; null or missing: none.</param>
    /// <exception cref="SettingsException">A value is none, out of its range, or a name in options or file is unknown, or one in the environment misspelt.</exception>
    public static LoadedSettings Load(IReadOnlyDictionary<string, string?> options, IDictionary environment, string? file)
    {
        var fromFile = ReadFile(file);
        var known = new HashSet<string>(StringComparer.Ordinal);
        var muster = Bind(new MusterSettings());
        var server = Bind(new ServerSettings());
        if (options.Keys.FirstOrDefault(name => !known.Contains(name.Replace('-', '_'))) is { } unknown)
            throw new SettingsException($"--{unknown} is no setting.");
        var names = new SettingNames(known);
        if (fromFile.Keys.FirstOrDefault(name => !known.Contains(name)) is { } member)
            throw new SettingsException($"{FileName} holds {member}, which is no setting.{(names.Nearest(member) is { } meant ? $" Did you mean {meant}?" : "")}");
        var remarks = names.Remarks(environment);
        if (muster.SmtpHost.Length > 0 && muster.MailFrom.Length == 0)
            throw new SettingsException("smtp_host is set and mail_from is not: name the address that mails come from.");
        return new(muster, server) { Remarks = remarks };

        T Bind<T>(T settings) where T : class
        {
            foreach (var property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
            {
                var name = JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
                known.Add(name);
                var option = name.Replace('_', '-');
                var variable = Prefix + name.ToUpperInvariant();
                var (text, origin) =
                    options.TryGetValue(option, out var fromOption) && fromOption is not null ? (fromOption, "--" + option)
                    : environment[variable] is string { Length: > 0 } fromEnvironment ? (fromEnvironment, variable)
                    : fromFile.TryGetValue(name, out var fromMember) ? (fromMember, $"{name} in {FileName}")
                    : (null, "");
                if (text is not null)
                    property.SetValue(settings, Value(property, text, origin));
            }
            return settings;
        }
    }

    /// <summary>Name, default and range of every setting, for help and for docs/operating.md.</summary>
    public static IEnumerable<(string Name, string Default, string Range)> Describe() => Describe(new MusterSettings()).Concat(Describe(new ServerSettings()));

    static IEnumerable<(string, string, string)> Describe<T>(T defaults) where T : class =>
        typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite).Select(p => (
            JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name),
            Convert.ToString(p.GetValue(defaults), CultureInfo.InvariantCulture) ?? "",
            p.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range.Minimum}–{range.Maximum}") : "text"));

    static object Value(PropertyInfo property, string text, string origin)
    {
        object value;
        try
        {
            value = Convert.ChangeType(text, property.PropertyType, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            throw new SettingsException($"{origin} must be {(property.PropertyType == typeof(bool) ? "true or false" : "a whole number")}{Limits(property)}.");
        }
        if (value is string { Length: 0 })
            throw new SettingsException($"{origin} must not be empty.");
        if (property.Name == nameof(ServerSettings.Urls) && !AreAddresses(text))
            throw new SettingsException($"{origin} must be http addresses such as http://127.0.0.1:8080, separated by semicolons.");
        if (property.Name.EndsWith("Region", StringComparison.Ordinal) && !Validation.Phones.PhoneRegion.TryParse(text, out _))
            throw new SettingsException($"{origin} must be a region with phone numbers: an ISO 3166-1 code such as IN or AU.");
        if (property.Name == nameof(ServerSettings.Facades) && !Facades.FacadeSet.IsSetting(text))
            throw new SettingsException($"{origin} must name façades, separated by commas: {string.Join(", ", Facades.FacadeSet.Names)}; or none.");
        if (property.Name == nameof(ServerSettings.DotmailerDateOrder) && text is not ("dmy" or "mdy" or "ymd"))
            throw new SettingsException($"{origin} must be dmy, mdy or ymd.");
        if (WhyUnusable(property.Name, text) is { } why)
            throw new SettingsException($"{origin}: {why}");
        // RangeAttribute reads long bounds as double; the bounds in use are exact in both.
        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
            throw new SettingsException($"{origin} must be a whole number{Limits(property)}.");
        return value;
    }

    static string? WhyUnusable(string name, string text)
    {
        try
        {
            switch (name)
            {
                case nameof(MusterSettings.OutboundPorts): OutboundRules.Parse(text, "none"); return null;
                case nameof(MusterSettings.OutboundAllow): OutboundRules.Parse("80", text); return null;
                case nameof(MusterSettings.S3Endpoint): return WebAddress.Parse(text)?.ToUri() is null ? "write an http or https URL, such as https://minio.example.org:9000." : null;
                case nameof(MusterSettings.PublicUrl): return WebAddress.Parse(text) is null ? "write an http or https URL, such as https://muster.example.org." : null;
                case nameof(MusterSettings.SmtpSecurity): return text is "starttls" or "tls" or "none" ? null : "write starttls, tls or none.";
                case nameof(MusterSettings.SmtpCaFile): return SmtpClient.HasAuthorities(text) ? null : "name a PEM file that holds certificates.";
                case nameof(MusterSettings.MailFrom): return EmailAddress.IsValid(Encoding.UTF8.GetBytes(text)) ? null : "write an e-mail address.";
                case nameof(ServerSettings.NetcoreUnknownColumns): return text is "create_field" or "ignore" ? null : "write create_field or ignore.";
                case nameof(ServerSettings.NetcoreCallbackFormat): return text is "json" or "form" ? null : "write json or form.";
                case nameof(ServerSettings.NetcoreRegion): return Muster.Validation.Phones.PhoneRegion.TryParse(text, out _) ? null : "write an ISO 3166-1 code such as IN.";
                default: return null;
            }
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    static bool AreAddresses(string urls)
    {
        try
        {
            return urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } parts
                && parts.Select(BindingAddress.Parse).All(a => a.Scheme == "http" && a.Port is >= 0 and <= ushort.MaxValue);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    static string Limits(PropertyInfo property) =>
        property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $" from {range.Minimum} to {range.Maximum}") : "";

    static Dictionary<string, string> ReadFile(string? file)
    {
        var values = new Dictionary<string, string>();
        if (file is null || !File.Exists(file))
            return values;
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new SettingsException($"{FileName} must hold one JSON object.");
            foreach (var member in document.RootElement.EnumerateObject())
                values[member.Name] = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() ?? "" : member.Value.GetRawText();
        }
        catch (JsonException e)
        {
            throw new SettingsException($"{FileName} is not JSON: line {e.LineNumber + 1}.");
        }
        return values;
    }
}
