// What a block of code is called when it is saved, and the saving.

const NAMES: Readonly<Record<string, string>> = {
  dockerfile: "Dockerfile",
  docker: "Dockerfile",
  makefile: "Makefile",
};

const EXTENSIONS: Readonly<Record<string, string>> = {
  bash: "sh",
  "c#": "cs",
  "c++": "cpp",
  console: "txt",
  csharp: "cs",
  elixir: "ex",
  golang: "go",
  haskell: "hs",
  javascript: "js",
  jsonc: "json",
  kotlin: "kt",
  latex: "tex",
  make: "mk",
  markdown: "md",
  mermaid: "mmd",
  nginx: "conf",
  objectivec: "m",
  perl: "pl",
  plaintext: "txt",
  powershell: "ps1",
  python: "py",
  python3: "py",
  ruby: "rb",
  rust: "rs",
  shell: "sh",
  text: "txt",
  typescript: "ts",
  yaml: "yaml",
  zsh: "sh",
};

/** `code.py` for Python; a label that is a file's name already is kept. */
export function fileName(label: string): string {
  const name = label.toLowerCase();
  if (Object.hasOwn(NAMES, name)) return NAMES[name] ?? "code.txt";
  const last = label.split(/[/\\:]/).at(-1) ?? "";
  if (/^\w[\w-]*(?:\.[\w-]+)*\.[a-z][a-z0-9]{0,7}$/i.test(last)) return last;
  const extension = Object.hasOwn(EXTENSIONS, name)
    ? EXTENSIONS[name]
    : /^[a-z][a-z0-9]{0,7}$/.test(name)
      ? name
      : "txt";
  return `code.${extension}`;
}

export function save(content: string | ArrayBuffer, name: string, type = "text/plain;charset=utf-8"): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = Object.assign(document.createElement("a"), { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
