import js from "@eslint/js";
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import globals from "globals";
import tseslint from "typescript-eslint";

const packages = ["core", "nn", "optim", "data", "webgpu"];

/**
 * The packages that stand beside each other on core: none of them knows another. Core knows none of them.
 *
 * @type {import("eslint").Linter.Config[]}
 */
const boundaries = packages.map((name) => ({
  files: [`packages/${name}/src/**`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: packages.filter((other) => name === "core" || other !== "core").map((other) => `@downhill/${other}`),
            message: "core imports no other package; nn, optim, data and webgpu import core alone.",
          },
          {
            group: ["@downhill/*/src", "@downhill/*/src/**", "@downhill/*/dist/**", "**/packages/**"],
            message: "Import the package by a name it exports.",
          },
        ],
      },
    ],
  },
}));

export default defineConfig(
  { ignores: ["**/dist/", "**/.reports/", "**/.turbo/", "**/.cache/", "**/.docusaurus/"] },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      globals: globals["shared-node-browser"],
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { "import-x": importX },
    settings: {
      "import-x/resolver-next": [createNodeResolver({ extensionAlias: { ".js": [".ts", ".tsx", ".js"] } })],
      "import-x/extensions": [".ts", ".tsx", ".mts", ".js"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".tsx", ".mts"] },
    },
    rules: {
      // A file over 400 lines starts with `/* eslint-disable max-lines -- the reason */`.
      "max-lines": ["error", 400],
      eqeqeq: "error",
      "no-console": "error",
      "object-shorthand": "error",
      "prefer-const": "error",

      "import-x/no-cycle": "error",
      "import-x/no-default-export": "error",
      "import-x/no-duplicates": "error",
      "import-x/no-extraneous-dependencies": [
        "error",
        {
          devDependencies: [
            "**/test/**",
            "**/*.config.*",
            "vitest.shared.ts",
            "scripts/**",
            "**/tools/**",
            "**/apps/bench/**",
            "**/apps/docs/reference/**",
            "**/apps/docs/frames.mts",
          ],
        },
      ],
      "import-x/no-relative-packages": "error",
      "import-x/no-self-import": "error",

      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/consistent-type-exports": ["error", { fixMixedExportsWithInlineTypeSpecifier: true }],
      "@typescript-eslint/no-import-type-side-effects": "error",
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-meaningless-void-operator": "off",
      // What the types deny is what the checks at the public door look for: JavaScript has no types.
      "@typescript-eslint/no-unnecessary-condition": "off",
      // async also makes what throws reject, as an interface may promise.
      "@typescript-eslint/require-await": "off",
      // `!` on typed-array reads is how tight loops are written here; reviewers keep it to those.
      "@typescript-eslint/no-non-null-assertion": "off",
      // isolatedDeclarations wants the types that these would remove.
      "@typescript-eslint/no-inferrable-types": "off",
      "@typescript-eslint/consistent-generic-constructors": "off",
      // Loops over an index read as the formulas they come from.
      "@typescript-eslint/prefer-for-of": "off",
      "@typescript-eslint/class-literal-property-style": "off",
      "@typescript-eslint/no-invalid-void-type": "off",
      // Each overload carries its own documentation.
      "@typescript-eslint/unified-signatures": "off",
      "no-restricted-syntax": ["error", { selector: "TSEnumDeclaration", message: "Use a union of string literals." }],
    },
  },
  ...boundaries,
  {
    files: ["**/test/**", "apps/**", "tools/**", "scripts/**"],
    rules: { "no-console": "off" },
  },
  {
    // Tests of a package train with its siblings, whose sources they find through the aliases of vitest.shared.ts:
    // as dev dependencies, nn and optim would depend on each other.
    files: ["packages/*/test/**"],
    rules: { "import-x/no-extraneous-dependencies": "off" },
  },
  {
    files: ["apps/**/*.tsx"],
    extends: [reactHooks.configs.flat.recommended],
    languageOptions: { globals: globals.browser },
  },
  {
    // Docusaurus finds pages, parts of its theme, sidebars and plugins with options by their default exports; so do imports
    // of text.
    files: [
      "apps/docs/src/{pages,theme}/**",
      "apps/docs/sidebars*.ts",
      "apps/docs/plugins/reference-docs.ts",
      "apps/docs/src/raw.d.ts",
    ],
    rules: { "import-x/no-default-export": "off" },
  },
  {
    // What an exercise begins with is not finished: that is the exercise.
    files: ["apps/docs/src/lesson/*/exercises/*.start.ts"],
    rules: { "@typescript-eslint/no-unused-vars": "off" },
  },
  {
    files: ["**/*.config.{js,ts,mts}"],
    rules: { "import-x/no-default-export": "off", "import-x/no-relative-packages": "off" },
  },
  {
    files: ["**/*.{js,mjs}"],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
    rules: { "@typescript-eslint/explicit-module-boundary-types": "off" },
  },
);
