// GLSL for the valley: the ground with lines of equal height, fading into fog, and the walk over it.

export const groundVertex = `#version 300 es
in vec3 position;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
out vec3 place;
void main() {
  place = position;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;

export const groundFragment = `#version 300 es
precision highp float;
in vec3 place;
uniform vec3 paper;
uniform vec3 land;
uniform vec2 around;
uniform float fog;
out vec4 color;
void main() {
  // Flat shading: the normal of the triangle, from how the place changes between pixels.
  vec3 normal = normalize(cross(dFdx(place), dFdy(place)));
  float light = 0.72 + 0.28 * abs(dot(normal, normalize(vec3(0.4, 0.8, 0.3))));
  float level = place.y * 8.0; // half a power of ten apart
  float line = abs(fract(level - 0.5) - 0.5) / max(fwidth(level), 1e-4);
  vec3 ground = mix(paper, land, 0.14 + 0.62 * place.y) * light;
  ground = mix(land * 0.8, ground, 0.45 + 0.55 * clamp(line, 0.0, 1.0));
  float far = smoothstep(0.2, 0.62, distance(place.xz, around));
  color = vec4(mix(ground, paper, 0.9 * far * fog), 1.0);
}`;

export const walkVertex = `#version 300 es
in vec3 position;
in float size;
uniform mat4 modelViewMatrix;
uniform mat4 projectionMatrix;
uniform float dpr;
void main() {
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  gl_PointSize = size * dpr;
}`;

export const pathFragment = `#version 300 es
precision highp float;
uniform vec3 walker;
out vec4 color;
void main() {
  color = vec4(walker, 1.0);
}`;

export const stepFragment = `#version 300 es
precision highp float;
uniform vec3 walker;
uniform vec3 paper;
out vec4 color;
void main() {
  float from = distance(gl_PointCoord, vec2(0.5));
  if (from > 0.5) discard;
  color = vec4(from > 0.38 ? paper : walker, 1.0);
}`;
