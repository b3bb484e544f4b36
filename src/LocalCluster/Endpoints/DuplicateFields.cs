using Castellan.LocalCluster.ApiServer;
using Castellan.LocalCluster.Writes;

namespace Castellan.LocalCluster.Endpoints;

/// <summary>What happens to members that came twice.</summary>
internal static class DuplicateFields
{
    public static void Report(List<string> duplicates, WriteOptions options)
    {
        if (duplicates.Count == 0 || options.FieldValidation == FieldValidation.Ignore) return;
        var all = duplicates.Select(d => $"duplicate field \"{d}\"").ToList();
        if (options.FieldValidation == FieldValidation.Strict) throw ApiErrors.BadRequest($"strict decoding error: {string.Join(", ", all)}");
        options.Warnings.AddRange(all);
    }
}
