namespace Castellan.Policy;

/// <summary>The model that is called.</summary>
/// <param name="Provider">Provider, as the ModelConfig names it.</param>
/// <param name="Name">Name of the model at the provider.</param>
/// <param name="Region">Where it runs, as the ModelConfig says; empty when it does not.</param>
public sealed record CallModel(string Provider, string Name, string Region = "");
