// The orchestrations of the matrix, for either package: `ctx` is what dapr.mjs or durabletask.mjs makes of the package's own context.
// Castellan's worker runs the same ones under the same names.
const attempts = new Map();

export const activities = {
  hello: async (_, name) => `Hello ${name}!`,
  shout: async (_, text) => text.toUpperCase(),
  double: async (_, number) => number * 2,
  echo: async (_, text) => text,
  broken: async () => { throw new Error("out of paper"); },
  failTwice: async (_, key) => {
    attempts.set(key, (attempts.get(key) ?? 0) + 1);
    if (attempts.get(key) < 3) throw new Error(`attempt ${attempts.get(key)} failed`);
    return attempts.get(key);
  },
};

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
const upTo = (count) => Array.from({ length: count }, (_, i) => i);

export const orchestrations = {
  chain: async function* (ctx, name) {
    return yield ctx.call("shout", yield ctx.call("hello", name));
  },
  fanOut: async function* (ctx, count) {
    return sum(yield ctx.all(upTo(count).map((i) => ctx.call("double", i))));
  },
  square: async function* (ctx, number) {
    return number * number;
  },
  children: async function* (ctx, count) {
    return sum(yield ctx.all(upTo(count).map((i) => ctx.child("square", i))));
  },
  parent: async function* (ctx, name) {
    return yield ctx.child("chain", name);
  },
  grandparent: async function* (ctx, name) {
    return yield ctx.child("parent", name, `${ctx.id}-middle`);
  },
  timers: async function* (ctx, milliseconds) {
    const before = ctx.now();
    yield ctx.timer(milliseconds);
    yield ctx.all([ctx.timer(milliseconds), ctx.timer(1)]);
    return ctx.now() - before >= 2 * milliseconds ? "awake" : "too early";
  },
  event: async function* (ctx) {
    return yield ctx.event("Approved");
  },
  eventOrTimeout: async function* (ctx, milliseconds) {
    const raised = ctx.event("Approved");
    const expired = ctx.timer(milliseconds);
    return (yield ctx.any([raised, expired])) === expired ? "expired" : raised.getResult();
  },
  ordered: async function* (ctx) {
    const first = yield ctx.event("first");
    const second = yield ctx.event("second");
    return `${first} ${second}`;
  },
  retried: async function* (ctx, key) {
    return yield* ctx.retried("failTwice", key, 3);
  },
  failing: async function* (ctx) {
    return yield ctx.call("broken");
  },
  catching: async function* (ctx) {
    try {
      yield ctx.call("broken");
    } catch (error) {
      return `caught ${error.message.includes("out of paper")}`;
    }
  },
  catchingChild: async function* (ctx) {
    try {
      yield ctx.child("failing");
    } catch (error) {
      return `caught ${error.message.includes("out of paper")}`;
    }
  },
  countdown: async function* (ctx, left) {
    if (left === 1) return "last"; // @dapr/dapr drops an input of 0
    ctx.again(left - 1, true);
  },
  collecting: async function* (ctx, state) {
    state.items.push(yield ctx.event("item"));
    if (state.items.length === state.wanted) return state.items.join(" ");
    ctx.again(state, true);
  },
  status: async function* (ctx) {
    ctx.status("half");
    yield ctx.event("go");
    ctx.status("done");
    return "ended";
  },
  large: async function* (ctx, text) {
    return yield ctx.call("echo", text);
  },
  waitingParent: async function* (ctx) {
    return yield ctx.child("event", null, `${ctx.id}-child`);
  },
};
