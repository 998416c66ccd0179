// Small helpers of the page. Text is set as text: nothing that was entered becomes markup.

export const $ = (id) => document.getElementById(id);

/** A sentence of the page in the reader's language, with its named values. */
export function word(name, values = {}) {
    const text = document.querySelector(`#words [data-word="${name}"]`).textContent.trim();
    return text.replace(/\{(\w+)\}/g, (_match, key) => values[key]);
}

export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === "onclick") {
            made.addEventListener("click", value);
        } else {
            made.setAttribute(name, value);
        }
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
}

export function icon(category) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#icon_${category}`);
    svg.setAttribute("aria-hidden", "true");
    svg.append(use);
    return svg;
}

/** Whose login this browser has, as the server said last; known without a network, too.
 * Nobody's after somebody logged out; a session that has only ended is still theirs. */
export function currentLogin() {
    const [, uid] = document.cookie.match(/(?:^|; )expat_kpi_field=(\d+)/) || [];
    return uid ? Number(uid) : null;
}

export function shortTime(date) {
    return new Intl.DateTimeFormat(document.documentElement.lang, {
        month: "short",
        day: "numeric",
        hour: "numeric",
        minute: "2-digit",
    }).format(date);
}

/** As the server takes it: UTC, whole seconds, no zone. */
export function utcText(date) {
    return date.toISOString().slice(0, 19);
}

export function fromUtcText(text) {
    return new Date(`${text.slice(0, 19)}Z`);
}

/** As an input of type datetime-local shows it: by the phone's own clock. */
export function localText(date) {
    return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

export function newUuid() {
    if (window.crypto.randomUUID) {
        return window.crypto.randomUUID();
    }
    // Only secure pages have it.
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
