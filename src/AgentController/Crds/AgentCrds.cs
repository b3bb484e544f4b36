using System.Reflection;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Castellan.AgentApi;
using Castellan.AgentApi.Schema;
using Castellan.KubeApi;

namespace Castellan.AgentController.Crds;

/// <summary>The CustomResourceDefinitions of this build, made from its types.</summary>
public static class AgentCrds
{
    /// <summary>Generates the definitions, by name of kind.</summary>
    /// <exception cref="FileNotFoundException">A documentation file is not beside its assembly.</exception>
    public static IReadOnlyList<JsonObject> Generate()
    {
        var docs = new TypeDocs(DocsOf(typeof(AgentKinds).Assembly), DocsOf(typeof(KubeObject).Assembly));
        return [.. AgentKinds.All.Select(kind => CrdGenerator.Generate(kind, docs))];
    }

    private static XDocument DocsOf(Assembly assembly)
    {
        var path = Path.Combine(AppContext.BaseDirectory, $"{assembly.GetName().Name}.xml");
        return File.Exists(path)
            ? XDocument.Load(path)
            : throw new FileNotFoundException($"{path} is missing; it holds the descriptions of the fields: publish with GenerateDocumentationFile", path);
    }
}
