using System.Text.Json;
using System.Text.Json.Nodes;
using Castellan.AgentApi.Workloads;
using Castellan.KubeApi.Core;
using Castellan.ServiceDefaults.Cards;
using Castellan.SpiffeIdentity;

namespace Castellan.AgentController.Identity;

/// <summary>Reads an agent's card from its pod, over mutual TLS with exactly that agent, and verifies who signed it.</summary>
/// <param name="identity">The controller's own identity.</param>
/// <param name="clock">Clock of validities.</param>
/// <param name="port">Port of agents' mutual TLS.</param>
internal sealed class CardReader(IX509Source identity, TimeProvider clock, int port = WorkloadPorts.Mtls)
{
    private const int LongestCard = 256 << 10;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What the pod proved.</summary>
    public async Task<CardReading> ReadAsync(Pod pod, SpiffeId agent, CancellationToken ct)
    {
        using var timeout = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, ct);
        try
        {
            using var http = new HttpClient(SpiffeTls.CreateHandler(identity, SpiffeAuthorizer.Exactly(agent), clock)) { MaxResponseContentBufferSize = LongestCard };
            var address = new UriBuilder(Uri.UriSchemeHttps, pod.Status!.PodIP, port, AgentCards.Path).Uri;
            var card = JsonNode.Parse(await http.GetStringAsync(address, either.Token))?.AsObject() ?? throw new JsonException("the card is null");
            return new CardReading(pod.Metadata.Name!, AgentCards.Verify(card, agent, identity.Current.Bundles, clock.GetUtcNow()), null, "");
        }
        catch (AgentCardException e)
        {
            return new CardReading(pod.Metadata.Name!, null, e.Fault, e.Message);
        }
        catch (Exception e) when (!ct.IsCancellationRequested && e is HttpRequestException or IOException or OperationCanceledException or JsonException or InvalidOperationException or SvidUnavailableException)
        {
            var words = timeout.IsCancellationRequested ? $"no answer within {Patience.TotalSeconds:0} s" : e.InnerException?.Message ?? e.Message;
            return new CardReading(pod.Metadata.Name!, null, null, words);
        }
    }
}

/// <summary>What reading a card came to.</summary>
/// <param name="Pod">The pod that was asked.</param>
/// <param name="Proven">The statement, when it is the agent's.</param>
/// <param name="Fault">Why it is not; null when there was none to judge.</param>
/// <param name="Problem">In words.</param>
internal sealed record CardReading(string Pod, SvidStatement? Proven, AgentCardFault? Fault, string Problem);
