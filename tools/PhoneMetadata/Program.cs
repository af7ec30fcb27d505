using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Muster.PhoneMetadata;

// Usage: PhoneMetadata <metadata.max.json> <phones.bin>. See README.md here for how to refresh the metadata.
if (args is not [var source, var target])
{
    Console.Error.WriteLine("usage: PhoneMetadata <metadata.max.json> <phones.bin>");
    return 2;
}

var json = File.ReadAllBytes(source);
using var document = JsonDocument.Parse(json);
var plans = new List<Plan>();
foreach (var country in document.RootElement.GetProperty("countries").EnumerateObject())
    plans.Add(Plan.Read(country.Name, country.Value));
var countries = plans.Count;
foreach (var code in document.RootElement.GetProperty("nonGeographic").EnumerateObject())
    plans.Add(Plan.Read("001", code.Value));
if (countries > 254)
    throw new FormatException("A region number no longer fits one byte.");

// The order of the regions of one calling code decides: the first is the main one.
var members = new SortedDictionary<int, List<int>>();
foreach (var code in document.RootElement.GetProperty("country_calling_codes").EnumerateObject())
{
    members[int.Parse(code.Name, CultureInfo.InvariantCulture)] =
        [.. code.Value.EnumerateArray().Select(region => plans.FindIndex(p => p.Code == region.GetString()))];
}
for (var plan = countries; plan < plans.Count; plan++)
    members[plans[plan].CallingCode] = [plan];

var automaton = new AutomatonBuilder();
var labels = new List<ushort> { 0 };
var afterCode = new Dictionary<int, int>();
foreach (var (code, regions) in members)
    afterCode[code] = automaton.Add(Plan.Languages(plans, regions, out var meanings), (tags, digits) => Label(regions, [.. tags.Select(t => meanings[t])], digits));
var start = Trie("");
var generals = plans.ConvertAll(p => automaton.Add([p.General], (_, _) => 1));

var programs = new List<ushort>();
var records = new List<ushort>();
for (var i = 0; i < plans.Count; i++)
{
    var plan = plans[i];
    records.Add(BinaryPrimitives.ReadUInt16LittleEndian(i < countries ? [(byte)plan.Code[0], (byte)plan.Code[1]] : [0, 0]));
    records.Add((ushort)plan.CallingCode);
    records.Add((ushort)afterCode[plan.CallingCode]);
    records.Add((ushort)generals[i]);
    records.Add((ushort)(plan.Lengths & 0xFFFF));
    records.Add((ushort)(plan.Lengths >> 16));
    AddProgram(plan.InternationalPrefix);
    AddProgram(plan.NationalPrefix);
    records.Add((ushort)(plan.NationalPrefix is { } prefix ? PrefixProgram.Captures(prefix) : 0));
    records.Add(plan.Transform.Length == 0 ? ushort.MaxValue : (ushort)programs.Count);
    if (plan.Transform.Length != 0)
        programs.AddRange([(ushort)plan.Transform.Length, .. plan.Transform]);
}

// Of each calling code: 0, or 1 + where its list of plans (number of plans, plans) stands among the programs.
var callingCodes = new ushort[1000];
foreach (var (code, regions) in members)
{
    callingCodes[code] = (ushort)(programs.Count + 1);
    programs.AddRange([(ushort)regions.Count, .. regions.Select(region => (ushort)region)]);
}

ushort[] body =
[
    (ushort)automaton.Next.Count, (ushort)labels.Count, (ushort)plans.Count, (ushort)programs.Count, (ushort)start, (ushort)countries,
    .. automaton.Next.SelectMany(row => row.Select(to => (ushort)to)),
    .. automaton.Labels.Select(label => (ushort)label),
    .. labels, .. records, .. callingCodes, .. programs,
];
if (automaton.Next.Count > ushort.MaxValue || programs.Count >= ushort.MaxValue)
    throw new FormatException("The automaton no longer fits 16-bit numbers.");

var bytes = new byte[32 + body.Length * 2];
SHA256.HashData(json, bytes);
for (var i = 0; i < body.Length; i++)
    BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(32 + i * 2), body[i]);
File.WriteAllBytes(target, bytes);
Console.WriteLine($"{countries} regions, {members.Count} calling codes, {automaton.Next.Count} states, {labels.Count - 1} labels, {programs.Count} program words, {bytes.Length} bytes");
return 0;

int Label(List<int> regions, HashSet<(int Plan, int Kind)> found, int digits)
{
    for (var member = 0; member < regions.Count; member++)
    {
        var region = regions[member];
        var type = plans[region].TypeOf(kind => found.Contains((region, kind)), digits);
        if (plans[region].LeadingDigits is not null ? !found.Contains((region, Plan.LeadingKind)) : type < 0)
            continue;
        if (type < 0)
            return 0;
        // The region's place among those of its calling code, not the region itself: plans that look alike then share their states.
        var label = (ushort)(member | type << 8 | (found.Contains((regions[0], Plan.TrunkKind)) ? 0x8000 : 0));
        var index = labels.IndexOf(label, 1); // 0 means "no number", whatever it reads like
        if (index < 0)
        {
            index = labels.Count;
            labels.Add(label);
        }
        return index;
    }
    return 0;
}

int Trie(string prefix)
{
    if (prefix.Length > 0 && afterCode.TryGetValue(int.Parse(prefix, CultureInfo.InvariantCulture), out var state) && prefix[0] != '0')
        return state;
    return prefix.Length == 3 ? 0 : automaton.State([.. Enumerable.Range(0, 10).Select(digit => Trie(prefix + (char)('0' + digit)))], 0);
}

void AddProgram(DigitPattern? pattern)
{
    records.Add(pattern is null ? ushort.MaxValue : (ushort)programs.Count);
    records.Add((ushort)(pattern?.FirstDigits() ?? 0));
    if (pattern is not null)
        programs.AddRange(PrefixProgram.Write(pattern));
}
