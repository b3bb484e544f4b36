// A tool server of somebody else: stdio, the official SDK, and an effect outside of our control that must not happen twice.
// usage: ledger.mjs FILE   (each call of `append` adds one line to it)
import { appendFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";

const [file] = process.argv.slice(2);
const server = new McpServer({ name: "ledger", version: "1.0.0" });
server.registerTool("append", { description: "Appends a line to the ledger.", inputSchema: { line: z.string() } }, async ({ line }) => {
  await setTimeout(300); // slow before and after, so that a crash meets it on both sides of the effect
  appendFileSync(file, `${line}\n`);
  await setTimeout(300);
  return { content: [{ type: "text", text: "appended" }] };
});
await server.connect(new StdioServerTransport());
