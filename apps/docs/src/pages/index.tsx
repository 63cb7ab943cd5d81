import Link from "@docusaurus/Link";
import useDocusaurusContext from "@docusaurus/useDocusaurusContext";
import CodeBlock from "@theme/CodeBlock";
import Layout from "@theme/Layout";
import type { ReactNode } from "react";
import styles from "../landing/landing.module.css";
import program from "../landing/program.ts?raw";
import output from "../landing/program.txt?raw";
import { Valley } from "../landing/valley.js";

/** The page that says what Downhill is. */
export default function Landing(): ReactNode {
  const { siteConfig } = useDocusaurusContext();
  return (
    <Layout description={siteConfig.tagline}>
      <main className={styles.page}>
        <div className={styles.hero}>
          <div>
            <h1 className={styles.title}>Train models where your users are</h1>
            <p className={styles.lead}>
              Downhill is PyTorch’s way of training models, in TypeScript, for the browser and Node: tensors with
              autograd, modules, optimizers, data loaders and WebGPU. Type what you know from Python, and get the same
              numbers from the same seed.
            </p>
            <p className={styles.ways}>
              <Link className={styles.first ?? ""} to="/lesson">
                Learn gradient descent by running it
              </Link>
              <Link className={styles.other ?? ""} to="/guides">
                Read the guides
              </Link>
            </p>
            <p className={styles.install}>
              <code>npm install @downhill/core @downhill/nn @downhill/optim @downhill/data</code>
            </p>
            <Valley className={styles.valley} />
          </div>
          <div className={styles.program}>
            <CodeBlock language="ts">{program.trimEnd()}</CodeBlock>
            <CodeBlock language="text" title="What it prints, here as in PyTorch">
              {output.trimEnd()}
            </CodeBlock>
          </div>
        </div>
        <section className={styles.reasons} aria-label="Why Downhill">
          <div>
            <h2>The same numbers</h2>
            <p>
              <code>manualSeed</code> drives PyTorch’s own generator: data, initial weights, shuffles and losses are
              those of the Python program, and so are the names, arguments and defaults.
            </p>
          </div>
          <div>
            <h2>Nothing to free</h2>
            <p>
              No <code>tidy</code>, no <code>dispose</code>. A training loop of any length holds its memory flat,
              because a step’s intermediate values live in one place that the next step uses again.
            </p>
          </div>
          <div>
            <h2>Whole steps, compiled</h2>
            <p>
              Ops are recorded; a step is fused and compiled to one WebAssembly module with SIMD, or to WebGPU kernels.
              A changed learning rate compiles nothing.
            </p>
          </div>
          <div>
            <h2>Nothing to install</h2>
            <p>
              No native code and no server: the CPU engine runs in a page and in Node alike, and{" "}
              <code>@downhill/webgpu</code> moves the same program to the GPU.
            </p>
          </div>
        </section>
      </main>
    </Layout>
  );
}
