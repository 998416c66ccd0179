// Sends what is kept, once. Each record has an identifier of its own; the server knows those
// that have arrived. Of several open pages one sends at a time.

import { word } from "./field_dom";

const SESSION_EXPIRED = 100;
const SENTENCES = ["UserError", "ValidationError", "AccessError", "MissingError"];
const KEEP_SENT_DAYS = 3;
// A network may be there and lead nowhere; a photo takes its time on a weak one.
const PATIENCE_MS = { state: 30000, send: 30000, customers: 10000 };
const PATIENCE_WITH_FILES_MS = 300000;

/** No answer, or none of Odoo: try again later. */
export class NoAnswer extends Error {}
/** Nobody is logged in. */
export class LoggedOut extends Error {}
/** Odoo says no, and why. */
export class Refused extends Error {}

export async function call(route, params = {}) {
    let response, answer;
    try {
        response = await fetch(`/expat-kpi/field/${route}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
            signal: window.AbortSignal.timeout(PATIENCE_MS[route] || PATIENCE_WITH_FILES_MS),
        });
        answer = await response.json();
    } catch {
        // A proxy refuses what is too large with a page of its own.
        if (response?.status === 413) {
            throw new Refused(word("too_large_to_send"));
        }
        throw new NoAnswer(response ? "server" : "network");
    }
    if (!answer.error) {
        return answer.result;
    }
    throw failure(answer.error);
}

function failure({ code, data }) {
    const name = data?.name?.split(".").at(-1);
    if (code === SESSION_EXPIRED || name === "SessionExpiredException") {
        return new LoggedOut(name);
    }
    return SENTENCES.includes(name) ? new Refused(data.message) : new NoAnswer("server");
}

function base64(blob) {
    return new Promise((resolve, reject) => {
        const reader = new window.FileReader();
        reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
        reader.onerror = () => reject(reader.error);
        reader.readAsDataURL(blob);
    });
}

export class FieldSender {
    constructor(store) {
        this.store = store;
    }

    /** Ask how things stand, then send what this login has kept; `heard` is told of both. */
    async run(heard) {
        const told = await call("state");
        await this.store.put("told", { key: "state", ...told });
        await heard(told);
        await this.alone(() => this.sendAll(told.uid, () => heard(told)));
    }

    alone(work) {
        // Without locks two pages may send the same record; it arrives once all the same.
        return navigator.locks ? navigator.locks.request("expat-kpi-field", work) : work();
    }

    async sendAll(uid, changed) {
        for (const record of await this.store.all("records")) {
            if (record.state === "sent") {
                await this.forget(record);
            } else if (record.uid === uid && record.state === "kept" && !this.isHeld(record)) {
                await this.send(record);
                await changed();
            }
        }
    }

    /** A record waits a moment for the position that the phone is looking for. */
    isHeld(record) {
        return record.hold && Date.now() < record.hold;
    }

    async forget(record) {
        if (Date.now() - record.sent > KEEP_SENT_DAYS * 86400000) {
            await this.store.removeRecord(record.uuid);
        }
    }

    async send(record) {
        try {
            // The answer may get lost: from now on the server may know it.
            record.tried = true;
            await this.store.put("records", record);
            const answer = await call("send", { record: record.values });
            record.id = answer.id;
            record.notices = answer.notices;
            for (const photo of await this.store.photosOf(record.uuid)) {
                await this.sendFile(record, photo);
                await this.store.remove("photos", photo.id);
            }
            record.state = "sent";
            record.sent = Date.now();
        } catch (error) {
            if (!(error instanceof Refused)) {
                throw error;
            }
            record.state = "refused";
            record.error = error.message;
        }
        await this.store.put("records", record);
    }

    async sendFile({ uuid }, { id, name, blob, is_file }) {
        const content = await base64(blob);
        await (is_file
            ? call("file", { uuid, name, content })
            : call("photo", { uuid, photo: id, name, image: content }));
    }
}
