import { once } from "node:events";
import { createServer } from "node:net";

/** Whether a port of this machine's loopback address can be opened, as the redirect of a sign-in needs it. */
export const canListen = async (): Promise<boolean> => {
  const server = createServer();
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};
