/** What leaves the page: links and projects. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { hashOf, programIn } from "../src/share/link.js";
import { projectFiles, projectZip } from "../src/share/project.js";

describe("a link", () => {
  it.each(["", "console.log('ü → 🏔');\n", "const x = 1;\n".repeat(5000)])("brings the program back", (text) => {
    expect(programIn(hashOf(text))).toBe(text);
  });

  it("is short for a long program, and holds nothing that an address must escape", () => {
    const hash = hashOf("optimizer.zeroGrad();\nloss.backward();\noptimizer.step();\n".repeat(50));
    expect(hash.length).toBeLessThan(300);
    expect(hash).toMatch(/^#code=[\w-]+$/);
  });

  it.each(["", "#", "#bench", "#code=", "#code=!!!", "#code=AAAA"])("without a program is none: %s", (hash) => {
    expect(programIn(hash) ?? "").toBe("");
  });
});

describe("a project", () => {
  const text = `import { ones } from "@downhill/core";
import { Linear } from "@downhill/nn";
plot({ loss: 0.5 }, 3);
image(ones([2, 2]), { name: "square" });
for await (const i of progress([1, 2], { label: "two" })) console.log(i);
console.log(await ask("What?", "this"), new Linear(2, 1).forward(ones([1, 2])).shape);
for await (const drawing of drawings(28)) console.log(drawing);
`;

  it("runs in a terminal as it is", async () => {
    const folder = mkdtempSync(join(import.meta.dirname, ".project-")); // inside the workspace, so that Node finds the packages
    try {
      for (const [name, file] of Object.entries(projectFiles(text, "1.2.3"))) writeFileSync(join(folder, name), file);
      const { stdout } = await promisify(execFile)(process.execPath, ["main.ts"], { cwd: folder });
      expect(stdout.trim().split("\n")).toEqual(["3: loss 0.5", "(a picture: square)", "1", "2", "this [ 1, 1 ]"]);
    } finally {
      rmSync(folder, { recursive: true, maxRetries: 3 });
    }
  });

  it("depends on the packages that the program uses", () => {
    const manifest = JSON.parse(projectFiles(text, "1.2.3")["package.json"]!) as Record<string, unknown>;
    expect(manifest).toMatchObject({ scripts: { start: "node main.ts" }, type: "module" });
    expect(manifest.dependencies).toEqual({ "@downhill/core": "^1.2.3", "@downhill/nn": "^1.2.3" });
  });

  it("has the program as it was typed where nothing of the page is used", () => {
    const files = unzipSync(projectZip("console.log(1);\n", "1.2.3"));
    expect(strFromU8(files["downhill-program/main.ts"]!)).toBe("console.log(1);\n");
    expect(Object.keys(files)).not.toContain("downhill-program/playground.ts");
  });
});
