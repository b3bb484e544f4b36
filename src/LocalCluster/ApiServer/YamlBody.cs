using System.Text;
using System.Text.Json.Nodes;
using Castellan.KubeClient;

namespace Castellan.LocalCluster.ApiServer;

/// <summary>Reads one object in YAML.</summary>
internal static class YamlBody
{
    public static JsonObject Parse(byte[] body)
    {
        try
        {
            return KubeYaml.Parse(Encoding.UTF8.GetString(body)) is [var single]
                ? single
                : throw ApiErrors.BadRequest("the body of the request holds several YAML documents; send one object");
        }
        catch (KubeYamlException e)
        {
            throw ApiErrors.BadRequest($"the body of the request is not valid YAML: {e.Message}");
        }
    }
}
