import { join } from "node:path";
import { Application, Comment, Converter, type DeclarationReflection, ReflectionKind } from "typedoc";
import ts from "typescript";

const packages = join(import.meta.dirname, "../../../packages");

/** What one name of a package exports, `@downhill/core/files` say. */
export interface Door {
  readonly name: string;
  readonly exports: readonly DeclarationReflection[];
}

export interface Reference {
  readonly doors: readonly Door[];
  /** The types of a function's calls, `(x: Tensor, dim?: number): Tensor`, as the compiler writes them. */
  readonly calls: (reflection: DeclarationReflection) => readonly string[];
  /** The type of a property or constant. */
  readonly typeOf: (reflection: DeclarationReflection) => string;
}

const doors: Readonly<Record<string, string>> = {
  "@downhill/core": "core/src/index.ts",
  "@downhill/nn": "nn/src/index.ts",
  "@downhill/nn/onnx": "nn/src/onnx/index.ts",
  "@downhill/optim": "optim/src/index.ts",
  "@downhill/data": "data/src/index.ts",
  "@downhill/webgpu": "webgpu/src/index.ts",
  "@downhill/core/files": "core/src/files/index.ts",
  "@downhill/core/engine": "core/src/engine.ts",
  "@downhill/core/testing": "core/src/testing/index.ts",
};

/** Reads the packages' sources with TypeDoc. An export without documentation, or a link to nothing, is an error. */
export async function readPackages(): Promise<Reference> {
  const app = await Application.bootstrap({
    entryPoints: Object.values(doors).map((path) => join(packages, path)),
    tsconfig: join(import.meta.dirname, "tsconfig.json"),
    readme: "none",
    skipErrorChecking: true, // `npm run typecheck` does it
    excludePrivate: true,
    excludeProtected: true,
    excludeExternals: true,
    sort: ["source-order"],
    // Nothing here depends on Git: a folder without a remote, or without Git, builds the same pages.
    disableGit: true,
    sourceLinkTemplate: "{path}",
    validation: { notExported: false, invalidLink: true, notDocumented: false /* below */ },
    logLevel: "Warn",
  });
  const symbols = new Map<number, ts.Symbol>();
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const symbol = context.getSymbolFromReflection(reflection);
    if (symbol !== undefined) symbols.set(reflection.id, symbol);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error("TypeDoc could not read the packages");
  const checker = app.getEntryPoints()?.[0]?.program.getTypeChecker();
  // Tensor's methods are made by a mapped type, behind which TypeDoc does not see what documents an overloaded function.
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Property)) {
    const symbol = symbols.get(reflection.id);
    if (reflection.comment !== undefined || symbol === undefined) continue;
    const text = symbol.getDocumentationComment(checker).map((part) => part.text);
    if (text.length > 0) reflection.comment = new Comment([{ kind: "text", text: text.join("") }]);
  }
  app.validate(project);
  const gaps = undocumented(project.getChildrenByKind(ReflectionKind.Module).flatMap(({ children = [] }) => children));
  for (const gap of gaps)
    app.logger.error(
      `${gap.getFriendlyFullName()} (${gap.sources?.[0]?.fileName ?? ""}) is exported without documentation`,
    );
  if (app.logger.hasErrors() || app.logger.hasWarnings())
    throw new Error("The packages' documentation has gaps (above)");

  const typeText = (reflection: DeclarationReflection): ts.Type | undefined => {
    const symbol = symbols.get(reflection.id);
    return symbol === undefined ? undefined : checker?.getTypeOfSymbol(symbol);
  };
  const names = Object.keys(doors);
  return {
    doors: project.getChildrenByKind(ReflectionKind.Module).map((module) => ({
      name:
        names.find((name) => doors[name] === module.sources?.[0]?.fileName.replace(/^.*?packages\//, "")) ??
        module.name,
      exports: module.children ?? [],
    })),
    calls: (reflection) => {
      const type = typeText(reflection);
      return type?.getCallSignatures().map((call) => checker!.signatureToString(call, undefined, noTruncation)) ?? [];
    },
    typeOf: (reflection) => {
      const type = typeText(reflection);
      return type === undefined
        ? (reflection.type?.toString() ?? "")
        : checker!.typeToString(type, undefined, noTruncation);
    },
  };
}

/** What is exported without a word; TypeDoc itself would also ask for what classes inherit. */
function undocumented(exports: readonly DeclarationReflection[]): DeclarationReflection[] {
  return exports.flatMap((entry) => {
    if (entry.kind === ReflectionKind.Namespace) return undocumented(entry.children ?? []);
    return entry.kind === ReflectionKind.Reference || commentOf(entry) !== undefined ? [] : [entry];
  });
}

const noTruncation = ts.TypeFormatFlags.NoTruncation;

/** The comment that documents a reflection: its own, or that of its first signature. */
export function commentOf(reflection: DeclarationReflection): Comment | undefined {
  return (
    reflection.comment ??
    reflection.signatures?.find(({ comment }) => comment)?.comment ??
    reflection.getSignature?.comment
  );
}
