namespace Castellan.KubeClient.Tests.Configuration;

public sealed class KubeConfigTests
{
    private const string Yaml = """
        apiVersion: v1
        kind: Config
        current-context: you
        contexts:
        - name: you
          context: {cluster: c, user: you, namespace: work}
        - name: broken
          context: {cluster: none, user: you}
        clusters:
        - name: c
          cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}
        users:
        - name: you
          user: {token: "123"}
        """;

    [Fact]
    public void Parse_WhenNoContextIsNamed_TakesTheCurrent()
    {
        var config = KubeConfig.Parse(Yaml, "/");

        Assert.Equal(("https://127.0.0.1:6443/", "work", "123"), (config.Server.ToString(), config.Namespace, config.Token));
        Assert.True(config.SkipTlsVerification);
    }

    [Theory]
    [InlineData("none", "no context 'none'")]
    [InlineData("broken", "cluster 'none'")]
    public void Parse_WhenContextIsWrong_SaysWhich(string context, string expected) =>
        Assert.Contains(expected, Assert.Throws<KubeConfigException>(() => KubeConfig.Parse(Yaml, "/", context)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_WhenTextIsNotYaml_SaysSo() =>
        Assert.Contains("not a kubeconfig", Assert.Throws<KubeConfigException>(() => KubeConfig.Parse("a: [", "/")).Message, StringComparison.Ordinal);
}
