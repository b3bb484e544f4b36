using System.Text.Json;

namespace Castellan.LocalCluster.Kubelet;

/// <summary>One uid per service account, kept over restarts so that files stay readable to the same account only.</summary>
internal sealed class ServiceAccountUids
{
    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly int _first;
    private readonly Dictionary<string, int> _uids;

    public ServiceAccountUids(string folder, int first)
    {
        (_file, _first) = (Path.Combine(folder, "uids.json"), first);
        _uids = File.Exists(_file) ? JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllBytes(_file))! : [];
    }

    public int Of(string ns, string serviceAccount)
    {
        lock (_gate)
        {
            var key = $"{ns}/{serviceAccount}";
            if (_uids.TryGetValue(key, out var uid)) return uid;
            uid = _uids.Count == 0 ? _first : Math.Max(_first, _uids.Values.Max() + 1);
            _uids[key] = uid;
            var next = _file + ".new";
            File.WriteAllBytes(next, JsonSerializer.SerializeToUtf8Bytes(_uids));
            File.Move(next, _file, overwrite: true);
            return uid;
        }
    }
}
