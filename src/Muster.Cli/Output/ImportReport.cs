using Muster.Client;

namespace Muster.Cli.Output;

/// <summary>What became of an import, for a person: one line for each kind of row that occurred, the first errors, and where the rejects are.</summary>
static class ImportReport
{
    const int ErrorsShown = 5;

    public static async Task WriteAsync(IMuster muster, Target target, ImportResource import, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync(Headline(import));
        foreach (var (count, word) in import.Reversal is { } reversal ? Kinds(reversal) : Kinds(import.Counts))
        {
            if (count > 0)
                await output.WriteLineAsync($"  {count,11:N0}  {word}");
        }
        if (import.Status == ImportStatuses.Completed && import.Counts is { Created: 0, Updated: 0 } && (import.Counts.Read > 0 || import.Reversal is not null))
            await output.WriteLineAsync("Nothing changed.");
        foreach (var warning in import.Warnings)
            await output.WriteLineAsync($"Note: {Words.Harmless(warning, 400)}");
        foreach (var flag in import.Flags)
            await output.WriteLineAsync($"Note: {Words.Harmless(flag.Message, 400)} ({flag.Rule})");
        if (import.Status == ImportStatuses.Held)
        {
            foreach (var finding in import.Hold.Where(f => f.ApprovedAt is null))
                await WriteFindingAsync(finding, output);
        }
        if (import.Failure is { } failure)
            await output.WriteLineAsync($"{failure.Detail} ({failure.Code})");

        if (import.Counts.Rejected + import.Counts.Warnings > 0)
            await WriteErrorsAsync(muster, target, import, output, cancellationToken);
        if (Next(target, import) is { } next)
            await output.WriteLineAsync(next);
    }

    static string Headline(ImportResource import)
    {
        var name = Words.Harmless(import.Source.FileName ?? import.Source.Kind);
        var rows = Words.Count(import.Counts.Read, "row", "rows");
        var took = import is { StartedAt: { } started, FinishedAt: { } finished } ? $" in {Words.Span((finished - started).TotalSeconds)}" : "";
        return import.Status switch
        {
            ImportStatuses.Planned => $"Planned {name}: {rows}{took}; nothing has been written.",
            ImportStatuses.Completed when import.Kind == "undo" => $"Undone {name}: {rows}{took}.",
            ImportStatuses.Completed when import.Kind == "redo" => $"Redone {name}: {rows}{took}.",
            ImportStatuses.Completed => $"Imported {name}: {rows}{took}{Into(import)}.",
            ImportStatuses.Failed => $"The import of {name} failed after {rows}{took}.",
            ImportStatuses.Canceled => $"The import of {name} was canceled after {rows}.",
            ImportStatuses.Held => $"The import of {name} is held after {rows}: it waits for a person's approval.",
            ImportStatuses.Paused => $"The import of {name} is paused after {rows}.",
            _ => $"The import of {name} is {import.Status}: {rows}.",
        };
    }

    static string Into(ImportResource import) => import.Options.Lists switch
    {
        null or [] => "",
        [var list] => $", into the list {Words.Harmless(list)}",
        var lists => $", into the lists {Words.Harmless(string.Join(", ", lists), 200)}",
    };

    static (long Count, string Word)[] Kinds(CountsResource counts) =>
    [
        (counts.Created, "created: new contacts"),
        (counts.Updated, "updated: known contacts with new values"),
        (counts.Unchanged, "unchanged: known contacts, nothing new"),
        (counts.Duplicate, "duplicate: repeats of a contact that was there"),
        (counts.Suppressed, "suppressed: on the suppression list, left alone"),
        (counts.Skipped, "skipped: left out by the mode, or with the whole file"),
        (counts.Rejected, "rejected: not imported, see below"),
        (counts.Warnings, "warnings: imported, with a remark"),
    ];

    public static (long Count, string Word)[] Kinds(ReversalResource reversal) =>
    [
        (reversal.Removed, "removed: contacts that the import had made"),
        (reversal.Restored, "restored: contacts that are there again"),
        (reversal.Changed, "changed: contacts that hold again what they held before"),
        (reversal.Kept, "kept: contacts that something wrote to later"),
        (reversal.Conflicts, "conflicts: values and contacts that something wrote to later"),
    ];

    static async Task WriteErrorsAsync(IMuster muster, Target target, ImportResource import, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync();
        var shown = 0;
        var more = false;
        await foreach (var error in muster.ErrorsAsync(import.Id, cancellationToken))
        {
            if (shown++ == ErrorsShown)
            {
                more = true;
                break;
            }
            await output.WriteLineAsync(Line(error));
        }
        if (more)
            await output.WriteLineAsync($"  … all of them: muster errors {import.Id}{target.Arguments}");
        if (import.Counts.Rejected > 0)
            await output.WriteLineAsync($"The rejected rows, as they were sent: muster rejects {import.Id}{target.Arguments} -o rejects.csv");
    }

    static async Task WriteFindingAsync(HoldResource finding, TextWriter output)
    {
        await output.WriteLineAsync($"Held: {Words.Harmless(finding.Message, 400)} ({finding.Rule})");
        foreach (var example in finding.Examples)
        {
            string?[] parts =
            [
                example.RowNumber is { } row ? $"row {row}" : null,
                example.Column is { } column ? $"column {Words.Harmless(column, 40)}" : null,
                example.Value is { } value ? Words.Harmless(value, 60) : null,
                example.Code,
            ];
            await output.WriteLineAsync("  " + string.Join(", ", parts.Where(p => p is not null)));
        }
    }

    /// <summary>Such as: row 14, column E-mail: The e-mail address … (invalid_email)</summary>
    public static string Line(ErrorResource error)
    {
        var column = error.Column is null ? "" : $", column {Words.Harmless(error.Column, 40)}";
        var warning = error.Severity == "warning" ? "warning: " : "";
        return $"  row {error.RowNumber}{column}: {warning}{error.Message} ({error.Code})";
    }

    /// <summary>Such as: row 14, contact 7: first_name: Ann → Anna</summary>
    public static string Line(ChangeResource change)
    {
        var contact = change.ContactId is { } id ? $", contact {id}" : "";
        var action = change.Action == "updated" ? "" : $" {change.Action}";
        return $"row {change.RowNumber}{contact}{action}: {Words.Harmless(change.Field, 60)}: {Value(change.Before)} → {Value(change.After)}";
    }

    static string Value(string? value) => value is null ? "(empty)" : Words.Harmless(value, 200);

    static string? Next(Target target, ImportResource import) => import.Status switch
    {
        ImportStatuses.Planned => $"Field by field: muster changes {import.Id}{target.Arguments}; carry it out: muster apply {import.Id}{target.Arguments}",
        ImportStatuses.Failed when import.Failure?.Code == "atomic_rejected" => $"Nothing was imported. The import's id is {import.Id}.",
        ImportStatuses.Completed when import.Kind == "undo" => $"Take that back with: muster redo {import.Id}{target.Arguments}",
        ImportStatuses.Paused => $"Go on with: muster resume {import.Id}{target.Arguments}",
        ImportStatuses.Held => $"Go on in spite of that: muster approve {import.Id}{target.Arguments}; or end it: muster cancel {import.Id}{target.Arguments}",
        ImportStatuses.Failed => $"What was imported stays. The import's id is {import.Id}.",
        _ => null,
    };
}
