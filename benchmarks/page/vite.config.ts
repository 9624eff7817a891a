// The product's own page with one module changed, for `benchmarks.reading`.
import path from "node:path";
import { defineConfig, mergeConfig } from "vite";
import product from "../../vite.config";

const YARDSTICK = path.join(import.meta.dirname, "whole_message.ts");
const REPLACED = /static\/src\/chat\/markdown\/index\.ts$/;

export default mergeConfig(
  product,
  defineConfig({
    build: { outDir: process.env.OUT_DIR },
    plugins: [
      {
        name: "whole-message",
        load: (id) => (REPLACED.test(id) ? `export * from ${JSON.stringify(YARDSTICK)}` : null),
      },
      {
        name: "each-piece",
        transform: (code, id) =>
          id.endsWith("chat/views/live.ts")
            ? code.replace(/request\(\)(: void)? \{/, "request() { if (document.body) return this.paint();")
            : null,
      },
    ],
  }),
);
