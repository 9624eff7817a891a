"""A page that tries every way out of the frame it runs in. Each try names itself in the address it asks for."""

# ruff: noqa: E501  each try is one line

TRIES = r"""
const AT = "%TRAP%";
const tried = {};
const attempt = (name, act) => { try { act(`${AT}/${name}`); tried[name] = "tried"; } catch (error) { tried[name] = String(error); } };
const add = (tag, set) => { const made = document.createElement(tag); Object.assign(made, set); document.body.append(made); return made; };
attempt("fetch", (at) => fetch(at, { mode: "no-cors" }).catch(() => 0));
attempt("fetch-keepalive", (at) => fetch(at, { mode: "no-cors", keepalive: true, method: "POST", body: "x" }).catch(() => 0));
attempt("xhr", (at) => { const asked = new XMLHttpRequest(); asked.open("GET", at); asked.send(); });
attempt("beacon", (at) => navigator.sendBeacon(at, "x"));
attempt("socket", (at) => new WebSocket(at.replace("http", "ws")));
attempt("events", (at) => new EventSource(at));
attempt("image", (at) => { new Image().src = at; });
attempt("image-set", (at) => add("img", { srcset: `${at} 1x` }));
attempt("picture", (at) => document.body.insertAdjacentHTML("beforeend", `<picture><source srcset="${at}"><img></picture>`));
attempt("script", (at) => add("script", { src: at }));
attempt("module", (at) => import(at).catch(() => 0));
attempt("worker", (at) => new Worker(URL.createObjectURL(new Blob([`fetch("${at}")`]))));
attempt("worker-data", (at) => new Worker(`data:text/javascript,fetch("${at}")`));
attempt("style", (at) => add("style", { textContent: `@import "${at}/import"; body { background: url("${at}/css") }` }));
attempt("font", (at) => new FontFace("x", `url(${at})`).load().catch(() => 0));
attempt("inline-style", (at) => { document.body.style.cursor = `url(${at}), auto`; });
attempt("stylesheet", (at) => add("link", { rel: "stylesheet", href: at }));
attempt("prefetch", (at) => add("link", { rel: "prefetch", href: at }));
attempt("preload", (at) => add("link", { rel: "preload", as: "image", href: at }));
attempt("preconnect", (at) => add("link", { rel: "preconnect", href: at }));
attempt("link-html", (at) => document.body.insertAdjacentHTML("beforeend", `<link rel=preconnect href="${at}"><link rel=prefetch href="${at}">`));
attempt("link-xml", (at) => document.body.append(new DOMParser().parseFromString(
  `<y:link xmlns:y="http://www.w3.org/1999/xhtml" rel="prefetch" href="${at}"/>`, "application/xml").documentElement));
attempt("link-ns", (at) => { const made = document.createElementNS("http://www.w3.org/1999/xhtml", "link"); made.rel = "prefetch"; made.href = at; document.body.append(made); });
attempt("link-other-document", (at) => { const made = document.implementation.createHTMLDocument("").createElement("link"); made.rel = "prefetch"; made.href = at; document.body.append(made); });
attempt("link-custom", (at) => { customElements.define("a-link", class extends HTMLLinkElement {}, { extends: "link" }); });
attempt("speculation", (at) => add("script", { type: "speculationrules", textContent: JSON.stringify({ prefetch: [{ source: "list", urls: [at] }] }) }));
attempt("media", (at) => add("video", { src: at, autoplay: true }));
attempt("poster", (at) => add("video", { poster: at }));
attempt("audio", (at) => new Audio(at).play().catch(() => 0));
attempt("object", (at) => document.body.insertAdjacentHTML("beforeend", `<object data="${at}"></object><embed src="${at}">`));
attempt("frame", (at) => add("iframe", { src: at }));
attempt("frame-html", (at) => { document.body.insertAdjacentHTML("beforeend", `<iframe src="${at}"></iframe>`); });
attempt("frame-srcdoc", (at) => add("iframe", { srcdoc: `<script>top.postMessage("nested", "*"); new RTCPeerConnection()<\/script><img src="${at}">` }));
attempt("frame-attribute", (at) => { const made = document.createElement("iframe"); made.setAttribute("srcdoc", `<script>top.postMessage("nested", "*")<\/script><img src="${at}">`); document.body.append(made); });
attempt("frame-written", (at) => { document.write("<ifr"); document.write(`ame srcdoc='<img src=${at}>'></iframe>`); });
attempt("svg", (at) => document.body.insertAdjacentHTML("beforeend", `<svg><image href="${at}"/><use href="${at}#x"/><filter><feImage href="${at}"/></filter></svg>`));
attempt("input", (at) => add("input", { type: "image", src: at }));
attempt("form", (at) => { const form = add("form", { action: at, method: "get" }); form.submit(); });
attempt("form-post", (at) => { const form = add("form", { action: at, method: "post", target: "_blank" }); form.requestSubmit(); });
attempt("popup", (at) => open(at));
attempt("anchor", (at) => add("a", { href: at, target: "_blank" }).click());
attempt("anchor-top", (at) => add("a", { href: at, target: "_top" }).click());
attempt("download", (at) => add("a", { href: at, download: "x" }).click());
attempt("ping", (at) => add("a", { href: "#x", ping: at }).click());
attempt("top", (at) => { top.location = at; });
attempt("parent", (at) => { parent.location.href = at; });
attempt("rtc", (at) => { new RTCPeerConnection({ iceServers: [{ urls: "stun:" + new URL(at).host }] }).createDataChannel("x"); });
attempt("meta-policy", () => document.head.insertAdjacentHTML("beforeend", `<meta http-equiv="Content-Security-Policy" content="default-src *">`));
attempt("after-meta", (at) => { new Image().src = at; });
attempt("unfiltered", (at) => {
  RegExp.prototype.exec = () => null; RegExp.prototype[Symbol.replace] = (text) => text; String.prototype.replace = function () { return this; };
  document.body.insertAdjacentHTML("beforeend", `<link rel=prefetch href="${at}"><iframe srcdoc="<script>top.postMessage('nested','*')</scr` + `ipt>"></iframe>`);
});
attempt("policy-again", () => trustedTypes.createPolicy("default", { createHTML: (text) => text }));
"""

LEAVING = {
    "location": "location = '%TRAP%/location';",
    "replace": "location.replace('%TRAP%/replace');",
    "refresh": "document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content=\"0;url=%TRAP%/refresh\">');",
    "own-anchor": "const a = document.createElement('a'); a.href = '%TRAP%/own-anchor'; document.body.append(a); a.click();",
    "self-form": "const f = document.createElement('form'); f.action = '%TRAP%/self-form'; document.body.append(f); f.submit();",
    "our-own-site": "location = new URL('/chat/?said=secret', document.baseURI).href;",
    "javascript-address": 'location = "javascript:\'<script>top.postMessage(`nested`, `*`);new RTCPeerConnection()</" + "script>\'";',
    "data-address": "location = 'data:text/html,<script>fetch(`%TRAP%/data-address`)</' + 'script>';",
    "blob-address": "location = URL.createObjectURL(new Blob(['<script>fetch(`%TRAP%/blob-address`)</' + 'script>'], { type: 'text/html' }));",
}
"""Ways of taking the frame itself elsewhere: each ends its document, so each has one of its own."""


def document(script: str, trap: str) -> str:
    return (
        f"<!doctype html><title>Page</title><body><p id=said>Here.</p><script>{script.replace('%TRAP%', trap)}</script>"
    )
