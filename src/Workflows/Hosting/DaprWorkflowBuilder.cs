using System.Text.Json;
using Castellan.Rpc;
using Castellan.Workflows.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Castellan.Workflows;

/// <summary>What remains to be said of a worker and client after <c>AddDaprWorkflowBuilder</c>.</summary>
public interface IDaprWorkflowBuilder
{
    /// <summary>Where they are registered.</summary>
    IServiceCollection Services { get; }
}

/// <summary>What remains to be said of a worker and client after <c>AddDaprWorkflowBuilder</c>.</summary>
public readonly struct DaprWorkflowBuilder : IDaprWorkflowBuilder
{
    internal DaprWorkflowBuilder(IServiceCollection services) => Services = services;

    /// <inheritdoc/>
    public IServiceCollection Services { get; }

    /// <summary>Writes payloads with a serializer.</summary>
    public DaprWorkflowBuilder WithSerializer(IDaprSerializer serializer)
    {
        ArgumentNullException.ThrowIfNull(serializer);
        Services.Replace(ServiceDescriptor.Singleton(new WorkflowJson(serializer)));
        return this;
    }

    /// <summary>Writes payloads with a serializer that needs other services.</summary>
    public DaprWorkflowBuilder WithSerializer(Func<IServiceProvider, IWorkflowSerializer> serializerFactory)
    {
        ArgumentNullException.ThrowIfNull(serializerFactory);
        Services.Replace(ServiceDescriptor.Singleton(provider => new WorkflowJson(serializerFactory(provider))));
        return this;
    }

    /// <summary>Writes payloads as JSON with these options.</summary>
    public DaprWorkflowBuilder WithJsonSerializer(JsonSerializerOptions jsonOptions) => WithSerializer(new JsonWorkflowSerializer(jsonOptions));

    /// <summary>Limits the messages between worker and sidecar.</summary>
    /// <param name="maxReceiveMessageSize">Longest message in bytes that is accepted; <see langword="null"/> keeps 64 MiB.</param>
    /// <param name="maxSendMessageSize">Has no effect: the sidecar's own limit decides.</param>
    public DaprWorkflowBuilder WithGrpcMessageSizeLimits(int? maxReceiveMessageSize = null, int? maxSendMessageSize = null)
    {
        if (maxReceiveMessageSize is { } bytes)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
            Services.Replace(ServiceDescriptor.Singleton(new ChannelSettings(new GrpcChannelOptions { MaxReceiveBytes = bytes })));
        }

        return this;
    }
}

/// <summary>What the host said of the channel to the sidecar.</summary>
internal sealed record ChannelSettings(GrpcChannelOptions? Options);
