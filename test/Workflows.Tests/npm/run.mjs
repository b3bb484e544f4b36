// node run.mjs PACKAGE [worker] [client]: runs the matrix's worker, or a client that does what the lines of its input say, or both.
// Input: {"id", "operation", "arguments"}; output: "ready", then a line {"id", "result"} or {"id", "error"} for each. It ends with its input.
import { createInterface } from "node:readline";
import { activities, orchestrations } from "./samples.mjs";

const [packageName, ...roles] = process.argv.slice(2);
const target = { port: process.env.PORT, token: process.env.TOKEN };
const { createClient, startWorker } = await import(`./${packageName}.mjs`);

// Lines of the protocol begin with a mark: packages write to the console as well.
const answer = (value) => process.stdout.write(`> ${JSON.stringify(value)}\n`);

if (roles.includes("worker")) await startWorker(target, orchestrations, activities);
const client = roles.includes("client") ? await createClient(target) : undefined;
answer("ready");

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const { id, operation, arguments: given } = JSON.parse(line);
  Promise.resolve()
    .then(() => client[operation](...given))
    .then((result) => answer({ id, result: result ?? null }), (error) => answer({ id, error: `${error?.code ?? ""} ${error?.message ?? error}` }));
}
process.exit();
