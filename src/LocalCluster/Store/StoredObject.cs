using System.Text.Json;

namespace Castellan.LocalCluster.Store;

/// <summary>An object as the store keeps it: its JSON once, immutable, and what selecting and collecting need beside it.</summary>
internal sealed class StoredObject
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    private StoredObject(ObjectKey key, long revision, byte[] json, Header header)
    {
        (Key, Revision, Json) = (key, revision, json);
        (Uid, Labels, OwnerUids, Deleting) = (header.Uid, header.Labels ?? NoLabels, header.OwnerUids, header.Deleting);
    }

    public ObjectKey Key { get; }

    /// <summary>The revision of the write that made this state; the object's resourceVersion.</summary>
    public long Revision { get; }

    /// <summary>UTF-8 JSON, resourceVersion included.</summary>
    public byte[] Json { get; }

    public string Uid { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    public string[] OwnerUids { get; }

    /// <summary>It carries a deletionTimestamp.</summary>
    public bool Deleting { get; }

    public static StoredObject Parse(ObjectKey key, long revision, byte[] json) => new(key, revision, json, Header.Read(json));

    private sealed class Header
    {
        public string Uid = "";
        public Dictionary<string, string>? Labels;
        public string[] OwnerUids = [];
        public bool Deleting;

        public static Header Read(byte[] json)
        {
            var header = new Header();
            var reader = new Utf8JsonReader(json);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isMetadata = reader.ValueTextEquals("metadata"u8);
                reader.Read();
                if (isMetadata && reader.TokenType == JsonTokenType.StartObject)
                {
                    header.ReadMetadata(ref reader);
                    return header; // nothing behind it is needed
                }
                reader.Skip();
            }
            return header;
        }

        private void ReadMetadata(ref Utf8JsonReader reader)
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("uid"u8))
                {
                    reader.Read();
                    Uid = reader.GetString() ?? "";
                }
                else if (reader.ValueTextEquals("deletionTimestamp"u8))
                {
                    reader.Read();
                    Deleting = reader.TokenType == JsonTokenType.String;
                }
                else if (reader.ValueTextEquals("labels"u8))
                {
                    reader.Read();
                    ReadLabels(ref reader);
                }
                else if (reader.ValueTextEquals("ownerReferences"u8))
                {
                    reader.Read();
                    ReadOwners(ref reader);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
        }

        private void ReadLabels(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartObject) return;
            Labels = new Dictionary<string, string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = string.Intern(reader.GetString()!);
                reader.Read();
                Labels[name] = reader.GetString() ?? "";
            }
        }

        private void ReadOwners(ref Utf8JsonReader reader)
        {
            if (reader.TokenType != JsonTokenType.StartArray) return;
            var uids = new List<string>(1);
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isUid = reader.ValueTextEquals("uid"u8);
                    reader.Read();
                    if (isUid) uids.Add(reader.GetString() ?? "");
                    else reader.Skip();
                }
            }
            OwnerUids = [.. uids];
        }
    }
}
