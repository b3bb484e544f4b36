namespace Castellan.Policy;

/// <summary>The model that is called.</summary>
/// <param name="Provider">Provider, as the ModelConfig names it.</param>
/// <param name="Name">Name of the model at the provider.</param>
public sealed record CallModel(string Provider, string Name);
