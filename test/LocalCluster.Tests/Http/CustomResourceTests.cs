using Castellan.Testing;

namespace Castellan.LocalCluster.Tests.Http;

public sealed class CustomResourceTests : IAsyncLifetime
{
    private const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private const string Toys = "/apis/example.dev/v1/namespaces/default/toys";

    private const string Definition = """
        {"metadata":{"name":"toys.example.dev"},"spec":{"group":"example.dev","scope":"Namespaced",
         "names":{"plural":"toys","kind":"Toy","shortNames":["ty"],"categories":["all"]},
         "versions":[{"name":"v1","served":true,"storage":true,
          "subresources":{"status":{},"scale":{"specReplicasPath":".spec.count","statusReplicasPath":".status.count"}},
          "additionalPrinterColumns":[{"name":"Size","type":"string","jsonPath":".spec.size"},
            {"name":"Ready","type":"string","jsonPath":".status.conditions[?(@.type==\"Ready\")].status"}],
          "schema":{"openAPIV3Schema":{"type":"object","required":["spec"],"properties":{
           "spec":{"type":"object","required":["size"],"properties":{
             "size":{"type":"string","enum":["Small","Large"]},
             "count":{"type":"integer","minimum":1,"maximum":9,"default":3},
             "name":{"type":"string","minLength":2,"maxLength":5,"pattern":"^[a-z]*$"},
             "port":{"x-kubernetes-int-or-string":true},
             "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true},
             "parts":{"type":"array","maxItems":2,"x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
               "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"weight":{"type":"integer"}}}},
             "red":{"type":"object","properties":{"shade":{"type":"string"}}},
             "blue":{"type":"object","properties":{"shade":{"type":"string"}}}},
             "oneOf":[{"required":["red"]},{"required":["blue"]},{"not":{"anyOf":[{"required":["red"]},{"required":["blue"]}]}}],
             "x-kubernetes-validations":[{"rule":"self.size != 'Large' || self.count > 1","message":"large toys come in pairs"},
               {"rule":"self.size == oldSelf.size","message":"size is immutable"}]},
           "status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}
        """;

    private TestCluster cluster = null!;
    private ApiClient api = null!;

    public async Task InitializeAsync()
    {
        cluster = await TestCluster.StartAsync();
        api = ApiClient.Admin(cluster);
        (await api.PostAsync(Definitions, Definition)).Expect(201);
        await foreach (var e in api.WatchAsync($"{Definitions}?watch=true&fieldSelector=metadata.name=toys.example.dev"))
        {
            if (e["object"]!["status"]?["conditions"]?.AsArray().Any(c => (string?)c!["type"] == "Established" && (string?)c["status"] == "True") == true) break;
        }
    }

    public async Task DisposeAsync()
    {
        api.Dispose();
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Create_WhenFieldsAreAbsent_DefaultsAndPrunes()
    {
        var made = (await api.PostAsync(Toys, """{"metadata":{"name":"a"},"spec":{"size":"Small","what":1,"free":{"any":{"thing":1}}},"status":{"x":1}}""")).Expect(201);
        Assert.Equal(3, (int)made["spec.count"]!);
        Assert.Null(made["spec.what"]);
        Assert.NotNull(made["spec.free.any"]);
        Assert.Null(made["status"]);
        Assert.Equal(1, (int)made["metadata.generation"]!);
        Assert.Contains(made.Warnings, w => w.Contains("unknown field \\\"spec.what\\\""));
    }

    [Theory]
    [InlineData("""{"size":"Small","count":"x"}""", "spec.count: Invalid value: \"string\": spec.count in body must be of type integer: \"string\"")]
    [InlineData("""{"count":1}""", "spec.size: Required value")]
    [InlineData("""{"size":"Huge"}""", "spec.size: Unsupported value: \"Huge\": supported values: \"Small\", \"Large\"")]
    [InlineData("""{"size":"Small","count":0}""", "spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1")]
    [InlineData("""{"size":"Small","count":10}""", "spec.count: Invalid value: 10: spec.count in body should be less than or equal to 9")]
    [InlineData("""{"size":"Small","name":"a"}""", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"size":"Small","name":"abcdef"}""", "spec.name: Too long: may not be more than 5 bytes")]
    [InlineData("""{"size":"Small","name":"AB"}""", "spec.name: Invalid value: \"AB\": spec.name in body should match '^[a-z]*$'")]
    [InlineData("""{"size":"Small","port":1.5}""", "spec.port: Invalid value: \"number\": spec.port in body must be of type integer,string: \"number\"")]
    [InlineData("""{"size":"Small","parts":[{"name":"a"},{"name":"a"}]}""", "spec.parts[1]: Duplicate value: {\"name\":\"a\"}")]
    [InlineData("""{"size":"Small","parts":[{"weight":1}]}""", "spec.parts[0].name: Required value")]
    [InlineData("""{"size":"Small","parts":[{"name":"a"},{"name":"b"},{"name":"c"}]}""", "spec.parts: Too many: 3: must have at most 2 items")]
    [InlineData("""{"size":"Small","red":{},"blue":{}}""", "spec: Invalid value: \"\": \"spec\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""{"size":"Large","count":1}""", "spec: Invalid value: \"object\": large toys come in pairs")]
    public async Task Create_WhenSpecIsWrong_NamesTheFieldAsTheRealServerDoes(string spec, string fault)
    {
        var answer = (await api.PostAsync(Toys, $$"""{"metadata":{"name":"a"},"spec":{{spec}} }""")).Expect(422);
        Assert.Equal($"Toy.example.dev \"a\" is invalid: {fault}", answer.Message);
        Assert.Equal("Invalid", answer.Reason);
        Assert.Equal("Toy", (string?)answer["details.kind"]);
    }

    [Fact]
    public async Task Update_WhenTransitionRuleFails_IsRefused()
    {
        (await api.PostAsync(Toys, """{"metadata":{"name":"a"},"spec":{"size":"Small"}}""")).Expect(201);
        var answer = (await api.PatchAsync($"{Toys}/a", """{"spec":{"size":"Large"}}""")).Expect(422);
        Assert.Equal("Toy.example.dev \"a\" is invalid: spec: Invalid value: \"object\": size is immutable", answer.Message);
    }

    [Fact]
    public async Task Create_WhenStrict_RefusesUnknownFields()
    {
        var answer = (await api.PostAsync($"{Toys}?fieldValidation=Strict", """{"metadata":{"name":"a"},"spec":{"size":"Small","what":1,"size":"Small"}}""")).Expect(400);
        Assert.Equal("strict decoding error: duplicate field \"spec.size\"", answer.Message);
        answer = (await api.PostAsync($"{Toys}?fieldValidation=Strict", """{"metadata":{"name":"a","nom":"b"},"spec":{"size":"Small","what":1}}""")).Expect(400);
        Assert.Equal("strict decoding error: unknown field \"metadata.nom\", unknown field \"spec.what\"", answer.Message);
    }

    [Fact]
    public async Task Status_WhenWritten_LeavesTheSpecAndTheGeneration()
    {
        (await api.PostAsync(Toys, """{"metadata":{"name":"a"},"spec":{"size":"Small"}}""")).Expect(201);
        var status = (await api.PatchAsync($"{Toys}/a/status", """{"spec":{"size":"Large"},"status":{"count":2,"conditions":[{"type":"Ready","status":"True"}]}}""")).Expect(200);
        Assert.Equal("Small", (string?)status["spec.size"]);
        Assert.Equal(1, (int)status["metadata.generation"]!);
        var changed = (await api.PatchAsync($"{Toys}/a", """{"spec":{"count":4},"status":{"count":7}}""")).Expect(200);
        Assert.Equal(2, (int)changed["metadata.generation"]!);
        Assert.Equal(2, (int)changed["status.count"]!);
        var scaled = (await api.PatchAsync($"{Toys}/a/scale", """{"spec":{"replicas":5}}""")).Expect(200);
        Assert.Equal("Scale", (string?)scaled["kind"]);
        Assert.Equal(5, (int)(await api.GetAsync($"{Toys}/a"))["spec.count"]!);
        var table = (await api.GetAsync(Toys, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json")).Expect(200);
        Assert.Equal(["Name", "Size", "Ready"], table["columnDefinitions"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal(["a", "Small", "True"], table["rows.0.cells"]!.AsArray().Select(c => (string)c!));
    }

    [Fact]
    public async Task Definition_WhenDeleted_TakesItsObjectsAlong()
    {
        (await api.PostAsync(Toys, """{"metadata":{"name":"a"},"spec":{"size":"Small"}}""")).Expect(201);
        (await api.DeleteAsync($"{Definitions}/toys.example.dev")).Expect(200);
        await foreach (var e in api.WatchAsync($"{Definitions}?watch=true&resourceVersion=1"))
        {
            if ((string?)e["type"] == "DELETED") break;
        }
        (await api.GetAsync(Toys)).Expect(404);
    }

    [Fact]
    public async Task Definition_WhenNotStructural_IsRefused()
    {
        var answer = (await api.PostAsync(Definitions, """
            {"metadata":{"name":"bad.example.dev"},"spec":{"group":"example.dev","scope":"Namespaced","names":{"plural":"bad","kind":"Bad"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"properties":{}}}}}}]}}
            """)).Expect(422);
        Assert.Contains("spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields", answer.Message);
    }
}
