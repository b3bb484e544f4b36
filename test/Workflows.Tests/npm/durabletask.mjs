// @microsoft/durabletask-js as the matrix uses it.
import durabletask from "@microsoft/durabletask-js";

const { NoOpLogger, RetryPolicy, TaskHubGrpcClient, TaskHubGrpcWorker, terminateOptions, whenAll, whenAny } = durabletask;

const options = async ({ port, token }) => {
  const { Metadata } = (await import("@grpc/grpc-js")).default;
  const metadata = new Metadata();
  metadata.set("dapr-api-token", token);
  return { hostAddress: `127.0.0.1:${port}`, logger: new NoOpLogger(), metadataGenerator: async () => metadata };
};

const contextOf = (inner) => ({
  id: inner.instanceId,
  now: () => inner.currentUtcDateTime.getTime(),
  call: (name, input) => inner.callActivity(name, input),
  child: (name, input, id) => inner.callSubOrchestrator(name, input, id === undefined ? undefined : { instanceId: id }),
  timer: (milliseconds) => inner.createTimer(new Date(inner.currentUtcDateTime.getTime() + milliseconds)),
  event: (name) => inner.waitForExternalEvent(name),
  all: (tasks) => whenAll(tasks),
  any: (tasks) => whenAny(tasks),
  again: (input, keepEvents) => inner.continueAsNew(input, keepEvents),
  status: (text) => inner.setCustomStatus(text),
  async *retried(name, input, times) {
    const retry = new RetryPolicy({ maxNumberOfAttempts: times, firstRetryIntervalInMilliseconds: 20 });
    return yield inner.callActivity(name, input, { retry });
  },
});

export async function startWorker(target, orchestrations, activities) {
  const worker = new TaskHubGrpcWorker(await options(target));
  for (const [name, body] of Object.entries(orchestrations)) {
    worker.addNamedOrchestrator(name, async function* (inner, input) {
      return yield* body(contextOf(inner), input);
    });
  }
  for (const [name, body] of Object.entries(activities)) worker.addNamedActivity(name, body);
  await worker.start();
}

export async function createClient(target) {
  const client = new TaskHubGrpcClient(await options(target));
  const stateOf = (state) => state === undefined ? { exists: false } : {
    exists: true,
    status: state.runtimeStatus,
    output: state.serializedOutput,
    customStatus: state.serializedCustomStatus,
    failure: state.failureDetails?.message,
    failureType: state.failureDetails?.errorType,
  };
  return {
    schedule: (name, input, id) => client.scheduleNewOrchestration(name, input, id),
    state: async (id) => stateOf(await client.getOrchestrationState(id, true)),
    started: async (id) => stateOf(await client.waitForOrchestrationStart(id, true, 170)),
    ended: async (id) => stateOf(await client.waitForOrchestrationCompletion(id, true, 170)),
    raise: (id, event, payload) => client.raiseOrchestrationEvent(id, event, payload),
    suspend: (id) => client.suspendOrchestration(id),
    resume: (id) => client.resumeOrchestration(id),
    terminate: (id, output, recursive) => client.terminateOrchestration(id, terminateOptions({ output, recursive })),
    purge: async (id) => (await client.purgeOrchestration(id))?.deletedInstanceCount > 0,
  };
}
