import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";
import { catalogueModule } from "./static/src/messages/po.ts";

// One input per page script; Django finds the hashed names in `manifest.json` (`config/templatetags/vite.py`).
const ENTRYPOINTS = [
  "admin",
  "base",
  "chat",
  "help",
  "landing",
  "operations",
  "playground",
  "sandbox_artifact",
  "sandbox_diagram",
  "share",
];

/** What most pages have, and what the chat page has in common with the panels it loads later. */
const SHARED =
  /static\/src\/(?:i18n|controllers\/(?:copy|menu|theme|titles|toasts)|shared\/http|chat\/markdown\/lazy)\.ts$/;
const PARTS =
  /node_modules\/lit-html\/|static\/src\/(?:chat\/(?:panels|pause|scroll|views\/icon)|shared\/(?:ids|direction))\.ts$/;

// A catalogue of gettext is a module, loaded by the pages of its language (`static/src/i18n.ts`).
const catalogues = {
  name: "gettext",
  transform: (code: string, id: string) =>
    id.endsWith(".po") ? { code: catalogueModule(code), map: null, moduleType: "js" as const } : undefined,
};

export default defineConfig({
  // Relative, so that the build works under any STATIC_URL.
  base: "./",
  // Copied as they are: icons and what else needs a fixed name (`{% static "icon.svg" %}`).
  publicDir: "static/src/public",
  plugins: [tailwindcss(), catalogues],
  build: {
    outDir: "static/dist",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000, // mermaid, which is loaded in a frame for who has diagrams
    // Fonts and images stay files: the page's policy allows no `data:` fonts.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(ENTRYPOINTS.map((name) => [name, `static/src/entrypoints/${name}.ts`])),
      output: {
        // What several pages share comes as one file: a dozen of a kilobyte each cost a phone more ways than bytes.
        codeSplitting: {
          groups: [
            { name: "preload", test: /vite\/preload-helper/, priority: 1 },
            { name: "shared", test: SHARED },
            { name: "parts", test: PARTS },
          ],
        },
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["static/src/**/*.test.ts"],
    restoreMocks: true,
  },
});
