// The official @dapr/dapr worker and client against the sidecar on PORT. Prints one line for each sample: its name and what came out.
import { createRequire } from "node:module";
const require = createRequire(process.env.NPM_TOOLS + "/package.json");
const { DaprWorkflowClient, WorkflowRuntime } = require("@dapr/dapr");

const options = { daprHost: "127.0.0.1", daprPort: process.env.PORT, daprApiToken: process.env.TOKEN };

const hello = async (_context, name) => `Hello ${name}!`;
const shout = async (_context, text) => text.toUpperCase();
const broken = async () => { throw new Error("out of paper"); };

async function* chain(context, name) {
  const greeting = yield context.callActivity(hello, name);
  return yield context.callActivity(shout, greeting);
}

async function* fanOut(context, count) {
  const results = yield context.whenAll(Array.from({ length: count }, (_, i) => context.callActivity(hello, `n${i}`)));
  return results.join(" ");
}

async function* parent(context, name) {
  return yield context.callSubWorkflow(chain, name);
}

async function* timer(context) {
  yield context.createTimer(new Date(context.getCurrentUtcDateTime().getTime() + 300));
  return "awake";
}

async function* event(context) {
  return yield context.waitForExternalEvent("Approved");
}

async function* eventWithTimeout(context) {
  const raised = context.waitForExternalEvent("never");
  const expired = context.createTimer(new Date(context.getCurrentUtcDateTime().getTime() + 200));
  const winner = yield context.whenAny([raised, expired]);
  return winner === expired ? "expired" : "raised";
}

async function* failing(context) {
  return yield context.callActivity(broken);
}

async function* countdown(context, left) {
  if (left > 0) {
    context.continueAsNew(left - 1, true);
    return;
  }
  return "zero";
}

const runtime = new WorkflowRuntime(options);
for (const workflow of [chain, fanOut, parent, timer, event, eventWithTimeout, failing, countdown]) runtime.registerWorkflow(workflow);
for (const activity of [hello, shout, broken]) runtime.registerActivity(activity);
const client = new DaprWorkflowClient(options);
await runtime.start();

const end = async (id) => client.waitForWorkflowCompletion(id, true, 30);
const run = async (workflow, input) => end(await client.scheduleNewWorkflow(workflow, input));
const print = (name, value) => console.log(`RESULT ${name} ${JSON.stringify(value)}`);

try {
  print("chain", (await run(chain, "dapr")).serializedOutput);
  print("fanOut", (await run(fanOut, 30)).serializedOutput.split(" ").length);
  print("parent", (await run(parent, "child")).serializedOutput);
  print("timer", (await run(timer)).serializedOutput);
  print("expired", (await run(eventWithTimeout)).serializedOutput);
  const failed = await run(failing);
  print("failing", [failed.runtimeStatus, failed.workflowFailureDetails?.getErrorMessage?.() ?? failed.failureDetails?.message ?? ""]);
  print("countdown", (await run(countdown, 25)).serializedOutput);

  const waiting = await client.scheduleNewWorkflow(event);
  await client.waitForWorkflowStart(waiting, undefined, 30);
  await client.suspendWorkflow(waiting);
  await client.raiseEvent(waiting, "approved", "yes");
  print("suspended", (await client.getWorkflowState(waiting, true)).runtimeStatus);
  await client.resumeWorkflow(waiting);
  print("event", (await end(waiting)).serializedOutput);
  print("purged", await client.purgeWorkflow(waiting));

  const doomed = await client.scheduleNewWorkflow(event);
  await client.waitForWorkflowStart(doomed, undefined, 30);
  await client.terminateWorkflow(doomed, "enough");
  print("terminated", (await end(doomed)).runtimeStatus);

  const big = "x".repeat(1 << 20);
  print("big", (await run(chain, big)).serializedOutput.length);

  const started = Date.now();
  const outputs = await Promise.all(Array.from({ length: 200 }, (_, i) => run(chain, `w${i}`)));
  print("many", outputs.every((state, i) => state.serializedOutput === JSON.stringify(`HELLO W${i}!`)));
  console.log(`RATE ${Math.round(200_000 / (Date.now() - started))}`);
} catch (error) {
  console.log(`FAILED ${error?.stack ?? error}`);
  process.exitCode = 1;
}
await client.stop();
await runtime.stop();
process.exit();
