namespace RealtimeSsl.Training.Data;

/// <summary>
/// Divides a list into training and validation by groups: what shares a group is never on both sides, neither as picture nor as sound.
/// Each class gives its share, so that small classes are validated too. A pure function of the seed and the groups' names: not of their order.
/// </summary>
public static class ClipSplit
{
    /// <summary>Divides.</summary>
    /// <param name="list">All.</param>
    /// <param name="share">Share of the groups of each class that goes to validation, 0..1.</param>
    /// <param name="seed">Which groups.</param>
    public static (ClipList Training, ClipList Validation) ByGroup(ClipList list, double share, long seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var held = new HashSet<string>();
        var decided = new HashSet<string>();

        // Pictures and sounds are divided apart: in a class folder they come from different places.
        foreach (var ofClass in list.Pairs.GroupBy(p => p.Class ?? "").OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            Divide(ofClass.Select(p => list.Pictures[p.Picture].Group));
            Divide(ofClass.SelectMany(p => p.Sounds).Distinct().Select(s => list.Sounds[s].Group));
        }

        return (Side(validation: false), Side(validation: true));

        void Divide(IEnumerable<string> groups)
        {
            var all = groups.Distinct().ToList();
            var wanted = (int)Math.Round(share * all.Count, MidpointRounding.AwayFromZero);
            wanted -= all.Count(held.Contains);
            var open = all.Where(decided.Add).OrderBy(g => SeededRandom.At(seed, SeededRandom.Of(g)).Bits());
            held.UnionWith(open.Take(Math.Max(0, wanted)));
        }

        ClipList Side(bool validation)
        {
            var side = list.Where(p => held.Contains(list.Pictures[p].Group) == validation, s => held.Contains(list.Sounds[s].Group) == validation);
            return side with { Name = list.Name + (validation ? " (validation)" : " (training)") };
        }
    }
}
