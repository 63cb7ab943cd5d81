import type { ExplainedProgram } from "@downhill/core";

const row = 30;
const [opsAt, kernelsAt, width] = [20, 250, 760];

/** Draws a Program: each op to the left, and the kernel that it became a part of to the right. */
export function drawProgram(program: ExplainedProgram): string {
  let y = 54;
  const parts = program.kernels.map((kernel, index) => {
    const top = y;
    const height = Math.max(kernel.ops.length, 2) * row;
    y += height + 14;
    const middle = top + height / 2;
    const ops = kernel.ops.map((op, place) => {
      const at = top + place * row + (height - kernel.ops.length * row) / 2;
      const line = `<path d="M${opsAt + 130} ${at + 12}C${opsAt + 190} ${at + 12} ${kernelsAt - 60} ${middle} ${kernelsAt} ${middle}"/>`;
      return `${line}<rect class="op" x="${opsAt}" y="${at}" width="130" height="24" rx="6"/><text x="${opsAt + 65}" y="${at + 17}" text-anchor="middle">${op}</text>`;
    });
    const loops = kernel.loops.map(({ size }) => size).join(" × ");
    const value = ({ name, shape }: { name: string; shape: readonly number[] }): string =>
      `${name} [${shape.join(", ")}]`;
    const moved = `${kernel.reads.map(value).join(", ")} → ${kernel.writes.map(value).join(", ")}`;
    return `${ops.join("")}<rect class="kernel" x="${kernelsAt}" y="${top}" width="${width - kernelsAt - 20}" height="${height - 6}" rx="8"/><text x="${kernelsAt + 14}" y="${middle - 7}" class="name">Kernel ${index + 1}: ${kernel.kind}${loops === "" ? "" : ` of ${loops}`}</text><text x="${kernelsAt + 14}" y="${middle + 13}">${shortened(moved)}</text>`;
  });
  const head = `<text x="${opsAt}" y="32" class="name">ops recorded: ${program.nodes}</text><text x="${kernelsAt}" y="32" class="name">kernels: ${program.kernels.length}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 6}" width="${width}" height="${y + 6}" font-family="system-ui,sans-serif" font-size="13">${style}<rect width="${width}" height="${y + 6}" rx="10" fill="#fcfbf7"/>${head}${parts.join("")}</svg>\n`;
}

const style =
  "<style>text{fill:#1e2623}.name{font-weight:600}path{fill:none;stroke:#b9b3a0}.op{fill:#f4f2ea;stroke:#dedacd}.kernel{fill:#e3efe8;stroke:#17603f}</style>";

const shortened = (text: string): string => (text.length > 68 ? `${text.slice(0, 67)}…` : text);
