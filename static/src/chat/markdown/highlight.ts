// Colours for code. The highlighter and each language arrive when the first block needs them; until then code is plain.
import type { Emitter, HLJSApi, LanguageFn } from "highlight.js";

type Loader = () => Promise<{ default: LanguageFn }>;

const LANGUAGES: Readonly<Record<string, Loader>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  dart: () => import("highlight.js/lib/languages/dart"),
  diff: () => import("highlight.js/lib/languages/diff"),
  dockerfile: () => import("highlight.js/lib/languages/dockerfile"),
  elixir: () => import("highlight.js/lib/languages/elixir"),
  go: () => import("highlight.js/lib/languages/go"),
  graphql: () => import("highlight.js/lib/languages/graphql"),
  haskell: () => import("highlight.js/lib/languages/haskell"),
  http: () => import("highlight.js/lib/languages/http"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  latex: () => import("highlight.js/lib/languages/latex"),
  lua: () => import("highlight.js/lib/languages/lua"),
  makefile: () => import("highlight.js/lib/languages/makefile"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  nginx: () => import("highlight.js/lib/languages/nginx"),
  objectivec: () => import("highlight.js/lib/languages/objectivec"),
  perl: () => import("highlight.js/lib/languages/perl"),
  php: () => import("highlight.js/lib/languages/php"),
  powershell: () => import("highlight.js/lib/languages/powershell"),
  python: () => import("highlight.js/lib/languages/python"),
  r: () => import("highlight.js/lib/languages/r"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  scala: () => import("highlight.js/lib/languages/scala"),
  scss: () => import("highlight.js/lib/languages/scss"),
  shell: () => import("highlight.js/lib/languages/shell"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

const ALIASES: Readonly<Record<string, string>> = {
  "c#": "csharp",
  "c++": "cpp",
  console: "shell",
  cs: "csharp",
  docker: "dockerfile",
  golang: "go",
  hs: "haskell",
  html: "xml",
  js: "javascript",
  json5: "json",
  jsonc: "json",
  jsx: "javascript",
  kt: "kotlin",
  make: "makefile",
  md: "markdown",
  objc: "objectivec",
  ps1: "powershell",
  py: "python",
  python3: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  svg: "xml",
  tex: "latex",
  toml: "ini",
  ts: "typescript",
  tsx: "typescript",
  vue: "xml",
  yml: "yaml",
  zsh: "bash",
};

/** Beyond this a block stays plain: colouring it would be felt. */
export const MAX_HIGHLIGHTED = 40_000;

let highlighter: HLJSApi | undefined;
const ready = new Set<string>();

/** True once `highlighted` can colour the language; otherwise `then` is called when it can, if ever. */
export function canHighlight(label: string, then: () => void): boolean {
  const name = languageFor(label);
  if (!name) return false;
  if (ready.has(name)) return true;
  void load(name).then(then, () => undefined);
  return false;
}

/** The code as DOM, built from the highlighter's tree: no HTML is parsed. */
export function highlighted(code: string, label: string): Node {
  const name = languageFor(label);
  if (!highlighter || !name || !ready.has(name) || code.length > MAX_HIGHLIGHTED) return document.createTextNode(code);
  const { _emitter } = highlighter.highlight(code, { language: name, ignoreIllegals: true });
  const fragment = document.createDocumentFragment();
  append(fragment, (_emitter as Emitter & { rootNode: Scope }).rootNode);
  return fragment;
}

interface Scope {
  scope?: string;
  children: (Scope | string)[];
}

function append(parent: Node, { children }: Scope): void {
  for (const child of children) {
    if (typeof child === "string") {
      parent.appendChild(document.createTextNode(child));
    } else if (child.scope) {
      const span = document.createElement("span");
      span.className = className(child.scope);
      append(span, child);
      parent.appendChild(span);
    } else {
      append(parent, child);
    }
  }
}

/** `title.class` is written `hljs-title class_` in style sheets. */
function className(scope: string): string {
  const [first = "", ...rest] = scope.split(".");
  return [`hljs-${first}`, ...rest.map((part, depth) => part + "_".repeat(depth + 1))].join(" ");
}

function languageFor(label: string): string | undefined {
  const name = label.toLowerCase();
  const known = Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
  return known !== undefined && Object.hasOwn(LANGUAGES, known) ? known : undefined;
}

async function load(name: string): Promise<void> {
  const [core, language] = await Promise.all([import("highlight.js/lib/core"), LANGUAGES[name]?.()]);
  if (!language) return;
  highlighter = core.default;
  highlighter.registerLanguage(name, language.default);
  ready.add(name);
}
