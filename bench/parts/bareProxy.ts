/** The least that the facade's framework can do: `node bareProxy.ts VAULT` hands each question on, and looks at nothing. */
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const [vault = ""] = process.argv.slice(2);
const app = new Hono();
app.post("/token", async (context) => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await fetch(vault, { method: "POST", headers, body: await context.req.text() });
  return Response.json(await answer.json());
});
serve({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`);
});
process.stdin.resume().once("close", () => process.exit(0));
