/* global self, caches */
// Keeps the page of field records on the phone, so that it opens without a network.
// Nobody's data is kept here: the page holds none.

const CACHE = "expat-kpi-field-1";
const PAGE = "/expat-kpi/field";
// The network may be there and lead nowhere; whoever stands at a gate does not wait for it.
const PATIENCE = 2500;

self.addEventListener("install", (event) => {
    event.waitUntil(self.skipWaiting());
});

self.addEventListener("activate", (event) => {
    event.waitUntil(
        (async () => {
            for (const name of await caches.keys()) {
                if (name.startsWith("expat-kpi-field-") && name !== CACHE) {
                    await caches.delete(name);
                }
            }
            await self.clients.claim();
        })()
    );
});

/** The page and what it has loaded, told by the page itself once it is there. */
self.addEventListener("message", (event) => {
    if (event.data?.type === "keep") {
        event.waitUntil(keep(event.data.urls));
    }
});

async function keep(urls) {
    const cache = await caches.open(CACHE);
    // The page last: it is worth nothing without what it loads.
    const wanted = new Set([...urls, PAGE].map((url) => new URL(url, self.location.origin).href));
    for (const url of wanted) {
        if (new URL(url).pathname === PAGE || !(await cache.match(url))) {
            const response = await fetch(url, { credentials: "same-origin" });
            // Redirected: to the login page, which is not what is to be kept.
            if (response.ok && !response.redirected) {
                await cache.put(url, response);
            }
        }
    }
    for (const request of await cache.keys()) {
        if (!wanted.has(request.url)) {
            await cache.delete(request);
        }
    }
}

self.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== self.location.origin) {
        return;
    }
    if (request.mode === "navigate") {
        if (url.pathname === PAGE) {
            event.respondWith(openPage(request));
        }
    } else if (url.pathname.startsWith("/web/assets/") || url.pathname.includes("/static/")) {
        event.respondWith(fromCache(request));
    }
});

async function openPage(request) {
    const cache = await caches.open(CACHE);
    const kept = await cache.match(PAGE);
    if (!kept) {
        return fetch(request);
    }
    const late = new Promise((resolve) => {
        self.setTimeout(() => resolve(kept), PATIENCE);
    });
    try {
        const response = await Promise.race([fetch(request), late]);
        // A proxy that answers for a server that is down.
        return response.status >= 500 ? kept : response;
    } catch {
        return kept;
    }
}

async function fromCache(request) {
    const cache = await caches.open(CACHE);
    return (await cache.match(request)) || fetch(request);
}
