// Draws texts as the chat does, at once and in pieces, and names what must not be in what came of them.
async ({ scripts, cases }) => {
  const { MarkdownView } = await import(scripts);
  const column = document.querySelector("#chat-messages");
  const names = new Set(["main", "chat", "sidebar", "page-data", "constructor", "__proto__", "x", "p"]);
  const before = new Map([...names].map((name) => [name, document.getElementById(name)]));
  const TAGS = "script,style,link,meta,base,template,img,picture,source,video,audio,track,object,embed,iframe,frame," +
    "frameset,form,textarea,select,button:not(.button),input:not([type=checkbox][disabled]),dialog,portal,fencedframe,applet," +
    "marquee,slot,noscript,title,xmp,body body,html html";
  const CLASSES = /^(hljs|code-|button|icon|table-|footnote|image-chip$|math-|katex|caret$|prose-part$|diagram-|sr-only$|[a-z]+_+$)/;
  const faults = (host) => {
    const found = [];
    for (const element of host.querySelectorAll("*")) {
      const inFormula = element.closest(".katex, .katex-error") !== null;
      const name = element.tagName.toLowerCase();
      if (element.matches(TAGS)) found.push(`<${name}>`);
      if ((name === "svg" || name === "math") && !inFormula && !element.matches(".icon")) found.push(`<${name}>`);
      if (inFormula && (name === "a" || element.id)) found.push(`${name} in a formula`);
      if (element.shadowRoot) found.push("shadow");
      for (const { name: key, value } of element.attributes) {
        if (/^on/i.test(key)) found.push(key);
        if (key === "style" && !inFormula) found.push(`style of ${name}`);
        if (key === "style" && /url|position: *fixed/i.test(value)) found.push(`style ${value}`);
        if (key === "id" && !/^note-\d+(-\d+)*$/.test(value)) found.push(`id ${value}`);
        if (["name", "slot", "part", "is", "popover", "contenteditable", "accesskey", "autofocus", "ping", "srcset",
          "formaction", "background", "cite", "action"].includes(key)) found.push(key);
        if (["data-message", "data-reply", "data-dialog-open", "data-copy"].includes(key)) found.push(key);
        if (key === "class" && !inFormula && [...element.classList].some((one) => !CLASSES.test(one))) found.push(`class ${value}`);
        if (/^(href|src|xlink:href)$/.test(key) && !/^(https?:|mailto:|tel:|#note-\d|#icon-)/.test(value)) found.push(`${key} ${value}`);
        if (key === "target" && value !== "_blank") found.push(`target ${value}`);
      }
      if (name === "a" && !element.hash.startsWith("#note-") && element.href && element.rel !== "noopener nofollow") found.push("rel");
    }
    return found;
  };
  const wrong = [];
  const kept = [];
  for (const { name, text, ends } of cases) {
    const host = document.createElement("div");
    host.className = "prose-reply";
    column.append(host);
    const look = (when) => faults(host).forEach((fault) => wrong.push(`${name} (${when}): ${fault}`));
    const view = new MarkdownView(host);
    view.update(text, false);
    look("at once");
    for (const pieces of ends) {
      const growing = document.createElement("div");
      host.append(growing);
      const live = new MarkdownView(growing);
      for (const end of pieces) { live.update(text.slice(0, end), true); look("streaming"); }
      live.update(text, false);
      look("streamed");
      growing.remove();
    }
    for (const element of host.querySelectorAll("summary, [tabindex]")) element.click?.();
    kept.push([name, host, look]);
  }
  // Formulas arrive with their library, and are looked at once more.
  await new Promise((done) => setTimeout(done, 700));
  for (const [, host, look] of kept) { look("settled"); host.remove(); }
  for (const [name, element] of before) if (document.getElementById(name) !== element) wrong.push(`the page's #${name} is another`);
  if (({}).ran !== undefined) wrong.push("every object was changed");
  return { wrong, formulas: kept.filter(([, host]) => host.querySelector(".katex")).length };
}
