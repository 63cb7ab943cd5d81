import { Camera, Color, Geometry, Mesh, Program, Renderer, Transform } from "ogl";
import { groundFragment, groundVertex, pathFragment, stepFragment, walkVertex } from "./shaders.js";

export interface View {
  /** Degrees around, and above the horizon. */
  readonly turn: number;
  readonly tilt: number;
}

export interface Place {
  readonly place: readonly [number, number];
  readonly height: number;
}

export interface Scene {
  setLand(land: readonly (readonly number[])[]): void;
  draw(walk: readonly Place[], view: View, fog: boolean): void;
  close(): void;
}

const most = 1001;
const distance = 3.6;

// The map reaches from -2 to 2 and from -1 to 3; the world from -1 to 1, with y going away from us. Heights span four
// powers of ten, so that they are drawn as logarithms.
const worldX = (x: number): number => x / 2;
const worldZ = (y: number): number => (1 - y) / 2;
const worldY = (height: number): number => Math.log10(1 + Math.min(height, 1e4)) / 4;

/** Why there is no scene: no WebGL at all, or only in software, which takes seconds for a picture. */
export type Missing = "none" | "slow";

/** Draws into a canvas with WebGL. `slow`: in software too. */
export function openScene(canvas: HTMLCanvasElement, { slow }: { readonly slow: boolean }): Scene | Missing {
  const attributes = { alpha: true, antialias: true, failIfMajorPerformanceCaveat: !slow };
  if (canvas.getContext("webgl2", attributes) === null) return slow ? "none" : "slow";
  const renderer = new Renderer({ canvas, alpha: true, antialias: true, dpr: Math.min(devicePixelRatio, 2) });
  const { gl } = renderer;
  const camera = new Camera(gl, { fov: 38, near: 0.1, far: 20 });
  const world = new Transform();

  const paper = { value: new Color() };
  const land = { value: new Color() };
  const walker = { value: new Color() };
  const around = { value: [0, 0] };
  const thickness = { value: 0 };
  const ground = new Program(gl, {
    vertex: groundVertex,
    fragment: groundFragment,
    cullFace: false,
    uniforms: { paper, land, around, fog: thickness },
  });
  let surface: Mesh | null = null;

  const position = new Float32Array(3 * most);
  const size = new Float32Array(most);
  const path = new Geometry(gl, { position: { size: 3, data: position }, size: { size: 1, data: size } });
  // Drawn over the ground: a walk that a hill hides teaches nothing.
  const uniforms = { walker, paper, dpr: { value: renderer.dpr } };
  for (const [mode, fragment] of [
    [gl.LINE_STRIP, pathFragment],
    [gl.POINTS, stepFragment],
  ] as const) {
    const program = new Program(gl, { vertex: walkVertex, fragment, depthTest: false, uniforms });
    new Mesh(gl, { geometry: path, program, mode, frustumCulled: false, renderOrder: 1 }).setParent(world);
  }

  let last: Parameters<Scene["draw"]> | null = null;
  const render = (): void => {
    if (last === null || surface === null) return;
    const [steps, view, fog] = last;
    const style = getComputedStyle(canvas);
    for (const [name, color] of [
      ["paper", paper],
      ["land", land],
      ["walker", walker],
    ] as const)
      color.value.set(style.getPropertyValue(`--figure-${name}`).trim());
    const shown = steps.slice(-most);
    for (const [i, { place, height }] of shown.entries()) {
      position.set([worldX(place[0]), worldY(height) + 0.012, worldZ(place[1])], 3 * i);
      size[i] = i === shown.length - 1 ? 13 : 4;
    }
    path.attributes.position!.needsUpdate = true;
    path.attributes.size!.needsUpdate = true;
    path.setDrawRange(0, shown.length);
    const here = shown.at(-1)!.place;
    around.value = [worldX(here[0]), worldZ(here[1])];
    thickness.value = fog ? 1 : 0;

    const [turn, tilt] = [(view.turn * Math.PI) / 180, (view.tilt * Math.PI) / 180];
    const flat = distance * Math.cos(tilt);
    camera.position.set(flat * Math.sin(turn), distance * Math.sin(tilt) + 0.3, flat * Math.cos(turn));
    camera.lookAt([0, 0.3, 0]);
    renderer.render({ scene: world, camera });
  };

  const fit = (): void => {
    const { clientWidth, clientHeight } = canvas.parentElement!;
    if (clientWidth === 0) return;
    renderer.setSize(clientWidth, clientHeight);
    camera.perspective({ aspect: clientWidth / clientHeight });
    render();
  };
  const resized = new ResizeObserver(fit);
  resized.observe(canvas.parentElement!);
  const themed = new MutationObserver(render);
  themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  fit();

  return {
    setLand(heights) {
      surface?.setParent(null);
      surface = new Mesh(gl, { geometry: groundOf(renderer, heights), program: ground, frustumCulled: false });
      surface.setParent(world);
      render();
    },
    draw(...what) {
      last = what;
      render();
    },
    close() {
      resized.disconnect();
      themed.disconnect();
      gl.getExtension("WEBGL_lose_context")?.loseContext();
    },
  };
}

/** A grid of triangles, edge to edge of the map. */
function groundOf({ gl }: Renderer, heights: readonly (readonly number[])[]): Geometry {
  const rows = heights.length;
  const columns = heights[0]!.length;
  const position = new Float32Array(3 * rows * columns);
  for (const [r, row] of heights.entries()) {
    for (const [c, height] of row.entries()) {
      const [x, y] = [-2 + (4 * c) / (columns - 1), -1 + (4 * r) / (rows - 1)];
      position.set([worldX(x), worldY(height), worldZ(y)], 3 * (r * columns + c));
    }
  }
  const index = new Uint16Array(6 * (rows - 1) * (columns - 1));
  let at = 0;
  for (let r = 0; r < rows - 1; r++) {
    for (let c = 0; c < columns - 1; c++) {
      const corner = r * columns + c;
      index.set([corner, corner + 1, corner + columns, corner + columns, corner + 1, corner + columns + 1], at);
      at += 6;
    }
  }
  return new Geometry(gl, { position: { size: 3, data: position }, index: { data: index } });
}
