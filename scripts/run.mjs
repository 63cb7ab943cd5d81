// The door of every npm script. It needs nothing installed but Node and npm: it sets the project up first, then runs the
// task on the Node that the project pins. Plain syntax here, so that an old Node can still read the message below.

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`downhill: Node 20 or newer is needed to start; this is ${process.version}.`);
  process.exit(1);
}

const { runTask } = await import("./tasks.mjs");
process.exitCode = await runTask(process.argv[2] || "", process.argv.slice(3));
