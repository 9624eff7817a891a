import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";

// One input per page script; Django finds the hashed names in `manifest.json` (`config/templatetags/vite.py`).
const ENTRYPOINTS = ["admin", "base", "chat", "help"];

export default defineConfig({
  // Relative, so that the build works under any STATIC_URL.
  base: "./",
  // Copied as they are: icons and what else needs a fixed name (`{% static "icon.svg" %}`).
  publicDir: "static/src/public",
  plugins: [tailwindcss()],
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    // Fonts and images stay files: the page's policy allows no `data:` fonts.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(ENTRYPOINTS.map((name) => [name, `static/src/entrypoints/${name}.ts`])),
    },
  },
  test: {
    environment: "jsdom",
    include: ["static/src/**/*.test.ts"],
    restoreMocks: true,
  },
});
