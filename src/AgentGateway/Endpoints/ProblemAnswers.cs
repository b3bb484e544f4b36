using System.Text.Json;
using Castellan.AgentGateway.Identity;
using Castellan.GatewayApi;
using Castellan.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Castellan.AgentGateway.Endpoints;

/// <summary>Turns what an endpoint throws into problem details with a remedy; never a stack trace, never a half answer.</summary>
internal static partial class ProblemAnswers
{
    internal static void UseProblemAnswers(this IApplicationBuilder app, ILogger log) => app.Use(async (context, next) =>
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await WriteAsync(context, ProblemOf(e, log));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up; what it asked for goes on.
        }
    });

    internal static Task WriteAsync(HttpContext context, GatewayProblem problem)
    {
        context.Response.Clear();
        context.Response.StatusCode = problem.Status;
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return context.Response.WriteAsJsonAsync(problem, GatewayJson.Options, GatewayProblem.ContentType, context.RequestAborted);
    }

    private static GatewayProblem ProblemOf(Exception e, ILogger log)
    {
        switch (e)
        {
            case GatewayException known:
                return known.Problem;
            case BadHttpRequestException or JsonException:
                return Refusals.Invalid($"the request cannot be read: {e.Message}", "send JSON as the API describes").Problem;
            case StoreUnavailableException:
                Failed(log, e);
                return Refusals.Unavailable($"the gateway cannot write: {e.Message}", "free disk space; until then no call is accepted").Problem;
            default:
                Failed(log, e);
                return new GatewayProblem(500, "InternalError", "the gateway failed on this request", "see its log; the request may be tried again");
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed")]
    private static partial void Failed(ILogger log, Exception e);
}
