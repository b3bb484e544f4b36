// @dapr/dapr as the matrix uses it.
import { DaprWorkflowClient, WorkflowRuntime } from "@dapr/dapr";

const options = ({ port, token }) => ({ daprHost: "127.0.0.1", daprPort: port, daprApiToken: token, logger: { level: "error" } });

const contextOf = (inner) => ({
  id: inner.getWorkflowInstanceId(),
  now: () => inner.getCurrentUtcDateTime().getTime(),
  call: (name, input) => inner.callActivity(name, input),
  child: (name, input, id) => inner.callSubWorkflow(name, input, id),
  timer: (milliseconds) => inner.createTimer(new Date(inner.getCurrentUtcDateTime().getTime() + milliseconds)),
  event: (name) => inner.waitForExternalEvent(name),
  all: (tasks) => inner.whenAll(tasks),
  any: (tasks) => inner.whenAny(tasks),
  again: (input, keepEvents) => inner.continueAsNew(input, keepEvents),
  status: (text) => inner.setCustomStatus(JSON.stringify(text)), // this package sends the text as it is
  // It has no retry policies: an orchestration tries again itself.
  async *retried(name, input, times) {
    for (let attempt = 1; ; attempt++) {
      try {
        return yield inner.callActivity(name, input);
      } catch (error) {
        if (attempt === times) throw error;
        yield inner.createTimer(new Date(inner.getCurrentUtcDateTime().getTime() + 20));
      }
    }
  },
});

export async function startWorker(target, orchestrations, activities) {
  const runtime = new WorkflowRuntime(options(target));
  for (const [name, body] of Object.entries(orchestrations)) {
    runtime.registerWorkflowWithName(name, async function* (inner, input) {
      return yield* body(contextOf(inner), input);
    });
  }
  for (const [name, body] of Object.entries(activities)) runtime.registerActivityWithName(name, body);
  await runtime.start();
}

export function createClient(target) {
  const client = new DaprWorkflowClient(options(target));
  const stateOf = (state) => state === undefined ? { exists: false } : {
    exists: true,
    status: state.runtimeStatus,
    output: state.serializedOutput,
    customStatus: state.customStatus,
    failure: state.workflowFailureDetails?.getErrorMessage(),
    failureType: state.workflowFailureDetails?.getErrorType(),
  };
  return {
    schedule: (name, input, id) => client.scheduleNewWorkflow(name, input, id),
    state: async (id) => stateOf(await client.getWorkflowState(id, true)),
    started: async (id) => stateOf(await client.waitForWorkflowStart(id, true, 170)),
    ended: async (id) => stateOf(await client.waitForWorkflowCompletion(id, true, 170)),
    raise: (id, event, payload) => client.raiseEvent(id, event, payload),
    suspend: (id) => client.suspendWorkflow(id),
    resume: (id) => client.resumeWorkflow(id),
    terminate: (id, output) => client.terminateWorkflow(id, output), // this package cannot ask for the children
    purge: (id) => client.purgeWorkflow(id),
  };
}
