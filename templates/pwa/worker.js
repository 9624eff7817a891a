{# Rendered by config/installed_app.py. Keeps one page for when there is no net; everything else goes to the net as ever. #}
const NAME = "kept-{{ version }}";
const PAGE = "{{ offline|escapejs }}";
const KEPT = [{% for address in kept %}"{{ address|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(KEPT)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const forget = (names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(forget).then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const fallback = request.mode === "navigate" ? PAGE : request.url.slice(location.origin.length);
  if (request.method !== "GET" || !KEPT.includes(fallback)) return;
  event.respondWith(fetch(request).catch(async () => (await caches.match(fallback)) ?? Response.error()));
});
