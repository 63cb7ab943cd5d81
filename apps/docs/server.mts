import { readFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import compression from "compression";
import sirv from "sirv";

const site = join(import.meta.dirname, "dist");

/** A server of the built site. `close` also ends what is still open. */
export interface SiteServer {
  readonly address: string;
  readonly close: () => void;
}

/** Serves the built site to this machine, on the given port or the next one that is free; 0 takes any. */
export async function serveSite(port = 0): Promise<SiteServer> {
  const files = sirv(site, { etag: true, onNoMatch: (_, response) => void notFound(response) });
  const compress = compression();
  const server = createServer((request, response) => {
    // Both are middleware for Express, whose requests and responses are Node's with more on them.
    compress(request as never, response as never, () => files(request, response));
  });
  await listen(server, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    address: `http://localhost:${taken}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function notFound(response: ServerResponse): Promise<void> {
  response.writeHead(404, { "content-type": "text/html; charset=utf-8" });
  response.end(await readFile(join(site, "404.html")));
}

/** Listens on the port, or on the first free one of the next twenty. */
async function listen(server: Server, port: number): Promise<void> {
  for (let tried = port; ; tried++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(tried, "localhost", () => {
          server.off("error", reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!taken || tried - port >= 20) throw error;
    }
  }
}
