// Lists the tools that the gateway offers and calls one, with the official MCP client.
// usage: mcp-client.mjs URL TOOL ARGUMENTS-JSON   (bearer token in CASTELLAN_TOKEN; CA in NODE_EXTRA_CA_CERTS)
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [url, tool, args] = process.argv.slice(2);
const transport = new StreamableHTTPClientTransport(new URL(url), {
  requestInit: { headers: { Authorization: `Bearer ${process.env.CASTELLAN_TOKEN}` } },
});
const client = new Client({ name: "end-to-end", version: "1.0.0" });
await client.connect(transport);
const { tools } = await client.listTools();
const result = tool ? await client.callTool({ name: tool, arguments: JSON.parse(args) }) : null;
console.log(JSON.stringify({ server: client.getServerVersion(), tools: tools.map((t) => t.name), result }));
await client.close();
