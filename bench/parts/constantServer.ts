/** Node's http server that answers everything with one body: `node constantServer.ts SOCKET BODY`. */
import { createServer } from "node:http";

const [path = "", body = ""] = process.argv.slice(2);
const length = Buffer.byteLength(body);
createServer((request, response) => {
  request.resume().once("end", () => {
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8", "content-length": length });
    response.end(body);
  });
}).listen(path, () => console.log(path));
process.stdin.resume().once("close", () => process.exit(0));
