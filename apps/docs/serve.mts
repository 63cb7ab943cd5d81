/** Serves the built site until Ctrl-C: `node serve.ts [port]`. */
import { serveSite } from "./server.mts";

const { address, close } = await serveSite(Number(process.argv[2] ?? 4000));
console.log(`\nThe site: ${address} (Ctrl-C ends it)`);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, close);
