using System.Runtime.InteropServices;

namespace Muster.PhoneMetadata;

/// <summary>Builds one minimal deterministic automaton over digits for many languages at once; equal states of different languages are one state.</summary>
/// <remarks>Every language here is finite, so the automaton has no cycles and minimising is giving equal states, bottom up, one number.</remarks>
internal sealed class AutomatonBuilder
{
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

    /// <summary>State 0 is dead: no digits lead out of it and it accepts nothing.</summary>
    internal List<int[]> Next { get; } = [new int[10]];
    internal List<int> Labels { get; } = [0];

    internal AutomatonBuilder() => _known[Key(new int[10], 0)] = 0;

    internal int State(int[] next, int label)
    {
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_known, Key(next, label), out var exists);
        if (!exists)
        {
            state = Next.Count;
            Next.Add(next);
            Labels.Add(label);
        }
        return state;
    }

    /// <summary>The start state of the union of <paramref name="languages"/>.</summary>
    /// <param name="languages">Patterns; the index of each is its tag.</param>
    /// <param name="label">Label of an accepting state, from the tags that accept there and the number of digits read; 0 for none.</param>
    internal int Add(IReadOnlyList<DigitPattern> languages, Func<IReadOnlySet<int>, int, int> label)
    {
        var nfa = new Nfa();
        var starts = new List<int>();
        for (var tag = 0; tag < languages.Count; tag++)
        {
            var end = nfa.Node();
            nfa.Tags[end] = tag;
            starts.Add(nfa.Build(languages[tag], end));
        }
        return Determine(nfa, nfa.Close(starts), 0, label, new Dictionary<string, int>(StringComparer.Ordinal));
    }

    private int Determine(Nfa nfa, int[] set, int depth, Func<IReadOnlySet<int>, int, int> label, Dictionary<string, int> seen)
    {
        if (set.Length == 0)
            return 0;
        var key = depth + ":" + string.Join(',', set);
        if (seen.TryGetValue(key, out var known))
            return known;
        var next = new int[10];
        for (var digit = 0; digit < 10; digit++)
            next[digit] = Determine(nfa, nfa.Step(set, digit), depth + 1, label, seen);
        var tags = new HashSet<int>();
        foreach (var node in set)
        {
            if (nfa.Tags.TryGetValue(node, out var tag))
                tags.Add(tag);
        }
        return seen[key] = State(next, tags.Count == 0 ? 0 : label(tags, depth));
    }

    private static string Key(int[] next, int label) => label + ":" + string.Join(',', next);

    /// <summary>Thompson's construction, built from the end backwards.</summary>
    private sealed class Nfa
    {
        private readonly List<(int Mask, int To)> _moves = [];
        private readonly List<List<int>> _free = [];

        internal Dictionary<int, int> Tags { get; } = [];

        internal int Node()
        {
            _moves.Add((0, 0));
            _free.Add([]);
            return _moves.Count - 1;
        }

        /// <summary>The node from which <paramref name="pattern"/> leads to <paramref name="end"/>.</summary>
        internal int Build(DigitPattern pattern, int end)
        {
            switch (pattern)
            {
                case DigitPattern.Digits d:
                    var start = Node();
                    _moves[start] = (d.Mask, end);
                    return start;
                case DigitPattern.Sequence s:
                    return s.Parts.Reverse().Aggregate(end, (to, part) => Build(part, to));
                case DigitPattern.Choice c:
                    var fork = Node();
                    foreach (var option in c.Options)
                        _free[fork].Add(Build(option, end));
                    return fork;
                case DigitPattern.Repeat r:
                    var at = end;
                    for (var optional = r.Min; optional < r.Max; optional++)
                    {
                        var skip = Node();
                        _free[skip].Add(Build(r.Part, at));
                        _free[skip].Add(end);
                        at = skip;
                    }
                    for (var i = 0; i < r.Min; i++)
                        at = Build(r.Part, at);
                    return at;
                case DigitPattern.Capture g:
                    return Build(g.Part, end);
                default:
                    return end;
            }
        }

        /// <summary>The nodes reachable without a digit that either move or accept, sorted.</summary>
        internal int[] Close(IEnumerable<int> nodes)
        {
            var open = new Stack<int>(nodes);
            var seen = new HashSet<int>();
            while (open.TryPop(out var node))
            {
                if (!seen.Add(node))
                    continue;
                foreach (var to in _free[node])
                    open.Push(to);
            }
            var kept = seen.Where(n => _moves[n].Mask != 0 || Tags.ContainsKey(n)).ToArray();
            Array.Sort(kept);
            return kept;
        }

        internal int[] Step(int[] set, int digit) =>
            Close(set.Where(n => (_moves[n].Mask >> digit & 1) != 0).Select(n => _moves[n].To));
    }
}
