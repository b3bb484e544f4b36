namespace Castellan.KubeApi;

/// <summary>Chooses objects by their labels: every pair and every expression must hold.</summary>
/// <remarks>Source: Kubernetes API reference, LabelSelector v1 meta.</remarks>
public sealed class LabelSelector : KubeFields
{
    /// <summary>Labels that must have exactly these values.</summary>
    public IDictionary<string, string>? MatchLabels { get; set; }

    /// <summary>Conditions on labels.</summary>
    public IList<LabelExpression>? MatchExpressions { get; set; }

    /// <summary>Whether the labels satisfy this selector; an empty selector takes everything.</summary>
    public bool Matches(IDictionary<string, string>? labels) =>
        (MatchLabels is null || MatchLabels.All(l => labels is not null && labels.TryGetValue(l.Key, out var value) && value == l.Value))
        && (MatchExpressions is null || MatchExpressions.All(e => e.Matches(labels)));

    /// <summary>The selector as written in a <c>labelSelector</c> query.</summary>
    public override string ToString() => string.Join(',',
        (MatchLabels ?? new Dictionary<string, string>()).Select(l => $"{l.Key}={l.Value}")
        .Concat((MatchExpressions ?? []).Select(e => e.ToString())));
}

/// <summary>One condition on a label.</summary>
public sealed class LabelExpression : KubeFields
{
    /// <summary>The label's key.</summary>
    public string Key { get; set; } = "";

    /// <summary><c>In</c>, <c>NotIn</c>, <c>Exists</c> or <c>DoesNotExist</c>.</summary>
    public string Operator { get; set; } = "";

    /// <summary>Values for <c>In</c> and <c>NotIn</c>.</summary>
    public IList<string>? Values { get; set; }

    /// <summary>Whether the labels satisfy this condition; an unknown operator never does.</summary>
    public bool Matches(IDictionary<string, string>? labels)
    {
        string? value = null;
        var has = labels is not null && labels.TryGetValue(Key, out value);
        return Operator switch
        {
            "In" => has && Values is not null && Values.Contains(value!),
            "NotIn" => !has || Values is null || !Values.Contains(value!),
            "Exists" => has,
            "DoesNotExist" => !has,
            _ => false,
        };
    }

    /// <summary>The condition as written in a <c>labelSelector</c> query.</summary>
    public override string ToString() => Operator switch
    {
        "In" => $"{Key} in ({string.Join(',', Values ?? [])})",
        "NotIn" => $"{Key} notin ({string.Join(',', Values ?? [])})",
        "DoesNotExist" => $"!{Key}",
        _ => Key,
    };
}
