// The page: big buttons, what is kept on this phone, what was sent.

import { $, currentLogin, element, fromUtcText, icon, shortTime, word } from "./field_dom";
import { FieldEntry } from "./field_entry";
import { call, FieldSender, LoggedOut, NoAnswer } from "./field_sender";
import { FieldStore } from "./field_store";

// Tried again after this time, then after twice as long, and so on.
const AGAIN_MS = 2000;
const AGAIN_AT_MOST_MS = 60000;
const SAVED_SHOWN_MS = 5000;
const RECENT_CUSTOMERS = 6;
const NOTHING_TOLD = {
    kinds: [],
    customers: [],
    departments: [],
    results: [],
    recent: [],
    employee: true,
    largest: 10,
};

/** What differs from what the server may know, since the first edit after it was sent. */
function changes(before, now) {
    const names = Object.keys(now).filter((name) => name !== "position");
    const differing = names.filter((name) => (before[name] || null) !== (now[name] || null));
    return [...new Set([...(before.changed || []), ...differing])];
}

class FieldPage {
    async start() {
        this.keepPage();
        try {
            this.store = await FieldStore.open();
        } catch {
            this.showBanner(word("no_storage"));
            return;
        }
        this.sender = new FieldSender(this.store);
        this.wait = AGAIN_MS;
        this.told = await this.lastTold();
        this.entry = new FieldEntry({
            state: () => this.told,
            save: (record, photos, how) => this.save(record, photos, how),
        });
        this.channel = new window.BroadcastChannel("expat-kpi-field");
        this.channel.onmessage = () => this.showRecords();
        window.addEventListener("online", () => this.sync());
        window.addEventListener("offline", () => this.showBanner(word("offline")));
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "visible") {
                this.sync();
            }
        });
        $("notice_yes").addEventListener("click", () => this.consent(true));
        $("notice_no").addEventListener("click", () => {
            $("notice").hidden = true;
        });
        $("withdraw").addEventListener("click", () => this.consent(false));
        this.showTold();
        await this.showRecords();
        document.body.dataset.ready = "1";
        await this.sync();
    }

    /** What the one before was told is not for who is logged in now, if anybody is. */
    async lastTold() {
        const told = await this.store.get("told", "state");
        if (told && told.uid !== currentLogin()) {
            await this.store.remove("told", "state");
            return NOTHING_TOLD;
        }
        return { ...NOTHING_TOLD, ...told };
    }

    // ------------------------------------------------------------------
    // Without a network
    // ------------------------------------------------------------------

    /** Have the page kept on the phone, with what it has loaded. */
    async keepPage() {
        if (!navigator.serviceWorker) {
            return;
        }
        try {
            await navigator.serviceWorker.register("/expat-kpi/field/worker.js", {
                scope: "/expat-kpi/field",
            });
            const { active } = await navigator.serviceWorker.ready;
            const loaded = [...document.querySelectorAll("script[src], link[rel=stylesheet]")];
            const urls = loaded.map((node) => node.src || node.href);
            active.postMessage({ type: "keep", urls });
        } catch {
            // Without it the page opens with a network only; what is saved is kept all the same.
        }
    }

    async sync() {
        if (this.syncing) {
            this.syncAgain = true;
            return;
        }
        this.syncing = true;
        try {
            do {
                this.syncAgain = false;
                await this.sender.run((told) => {
                    this.told = { ...NOTHING_TOLD, ...told };
                    this.showTold();
                    return this.showRecords();
                });
                this.showBanner("");
                this.wait = AGAIN_MS;
            } while (this.syncAgain);
        } catch (error) {
            this.showFailure(error);
            this.told = await this.lastTold();
            this.showTold();
        } finally {
            this.syncing = false;
            await this.showRecords();
            this.tryAgainLater();
            this.channel.postMessage("changed");
            document.body.dataset.synced = String(Number(document.body.dataset.synced || 0) + 1);
        }
    }

    /** As long as something is to be sent; more seldom each time in vain. */
    tryAgainLater() {
        clearTimeout(this.timer);
        if (this.isKept) {
            this.timer = setTimeout(() => this.sync(), this.wait);
            this.wait = Math.min(2 * this.wait, AGAIN_AT_MOST_MS);
        }
    }

    showFailure(error) {
        if (error instanceof LoggedOut) {
            this.showBanner(word("logged_out"), true);
        } else if (error instanceof NoAnswer) {
            this.showBanner(word(error.message === "network" ? "offline" : "away"));
        } else {
            this.showBanner(word("away"));
        }
    }

    showBanner(text, isLogin = false) {
        $("banner_text").textContent = text;
        $("banner").hidden = !text;
        $("login").hidden = !isLogin;
    }

    // ------------------------------------------------------------------
    // What the server told
    // ------------------------------------------------------------------

    showTold() {
        const { told } = this;
        $("person").textContent = told.name || "";
        $("no_employee").hidden = told.employee;
        $("unknown_login").hidden = Boolean(told.uid);
        $("kinds").hidden = !told.employee;
        $("kinds").replaceChildren(
            ...told.kinds.map((kind) =>
                element(
                    "button",
                    {
                        type: "button",
                        "data-category": kind.category,
                        onclick: () => this.entry.openNew(kind),
                    },
                    icon(kind.category),
                    kind.name
                )
            )
        );
        this.showCustomers();
        $("notice").hidden = !told.position || told.consent;
        $("notice_text").textContent = told.notice || "";
        $("position_on").hidden = !(told.position && told.consent);
    }

    /** Whom the person was with last: one tap less. */
    showCustomers() {
        const { kinds, customers } = this.told;
        const visit = kinds.find((kind) => kind.category === "visit" && kind.ask_partner);
        const shown = visit ? customers.slice(0, RECENT_CUSTOMERS) : [];
        $("recent").hidden = !shown.length;
        $("recent_title").textContent = word("again_with", { kind: visit?.name });
        $("recent_customers").replaceChildren(
            ...shown.map((customer) =>
                element(
                    "button",
                    { type: "button", onclick: () => this.entry.openNew(visit, customer) },
                    customer.name
                )
            )
        );
    }

    async consent(isGiven) {
        try {
            await call("consent", {
                policy_id: this.told.policy_id,
                version: this.told.notice_version,
                is_given: isGiven,
            });
        } catch (error) {
            this.showFailure(error);
        }
        await this.sync();
    }

    // ------------------------------------------------------------------
    // Records
    // ------------------------------------------------------------------

    async save(record, photos, { isNew, locating }) {
        const keep = async () => {
            const before = await this.store.get("records", record.uuid);
            record.tried = Boolean(before?.tried);
            if (before?.tried) {
                record.values.changed = changes(before.values, record.values);
            }
            await this.store.putRecord(record, photos);
        };
        // Not while the one that is edited is being sent.
        await (isNew ? keep() : this.sender.alone(keep));
        navigator.storage?.persist?.().catch(() => {});
        this.showSaved(record);
        await this.showRecords();
        if (locating) {
            locating.then((position) => this.release(record.uuid, position));
        }
        this.sync();
    }

    showSaved({ kind, customer }) {
        const record = customer ? `${kind} · ${customer}` : kind;
        $("saved").textContent = word("saved", { record });
        $("saved").hidden = false;
        clearTimeout(this.hiding);
        this.hiding = setTimeout(() => ($("saved").hidden = true), SAVED_SHOWN_MS);
    }

    /** The phone knows where it is by now, or will not know. */
    async release(uuid, position) {
        await this.sender.alone(async () => {
            const record = await this.store.get("records", uuid);
            if (record?.state === "kept") {
                record.hold = 0;
                record.values.position = position;
                await this.store.put("records", record);
            }
        });
        await this.sync();
    }

    async showRecords() {
        const records = (await this.store.all("records")).sort((one, other) =>
            one.values.date < other.values.date ? 1 : -1
        );
        const mine = records.filter((record) => record.uid === this.told.uid);
        const waiting = mine.filter((record) => record.state !== "sent");
        const sent = mine.filter((record) => record.state === "sent");
        // Neither whose they are nor what they say is for who is logged in now.
        const others = records.filter((record) => record.state !== "sent").length - waiting.length;
        const told = new Set(this.told.recent.map(({ uuid }) => uuid));
        const lines = [
            ...sent.filter((record) => !told.has(record.uuid)).map((r) => this.sentLine(r)),
            ...this.told.recent.map((record) => this.toldLine(record, sent)),
        ];
        $("waiting").hidden = !waiting.length && !others;
        $("waiting_list").replaceChildren(
            ...waiting.map((record) => this.waitingLine(record)),
            ...(others ? [this.othersLine(others)] : [])
        );
        $("nothing_sent").hidden = !this.told.uid || lines.length + waiting.length > 0;
        $("sent_list").replaceChildren(...lines);
        $("sent_title").hidden = !lines.length;
        this.isKept = waiting.some((record) => record.state === "kept");
        Object.assign(document.body.dataset, { waiting: waiting.length, others });
    }

    line({ kind, customer, date, uuid, state }, text, ...buttons) {
        return element(
            "li",
            { "data-uuid": uuid, "data-state": state },
            ...this.about({ kind, customer, date }, text),
            buttons.length ? element("div", { class: "row" }, ...buttons) : null
        );
    }

    about({ kind, customer, date }, text) {
        return [
            element(
                "div",
                { class: "title" },
                element("strong", {}, customer ? `${kind} · ${customer}` : kind),
                element("span", {}, shortTime(fromUtcText(date)))
            ),
            ...text.map((sentence) => element("div", { class: "state" }, sentence)),
        ];
    }

    waitingLine(record) {
        const about = { ...record, date: record.values.date };
        const photos = record.photos ? [word("photo_count", { count: record.photos })] : [];
        const button = (name, onclick) =>
            element("button", { type: "button", onclick }, word(name));
        const edit = button("edit", () => this.edit(record));
        const remove = button("remove", () => this.remove(record));
        if (record.state === "kept") {
            const buttons = record.tried ? [edit] : [edit, remove];
            return this.line(about, [word("kept"), ...photos], ...buttons);
        }
        return this.line(
            about,
            [word("refused", { reason: record.error }), ...photos],
            edit,
            button("again", () => this.again(record)),
            remove
        );
    }

    othersLine(count) {
        return element(
            "li",
            {},
            element("div", { class: "state" }, word("other_login", { count }))
        );
    }

    /** Sent from this phone, since the server was asked last. */
    sentLine(record) {
        return this.toldLine({ ...record, date: record.values.date }, [record]);
    }

    toldLine(record, sent) {
        const { notices } = sent.find(({ uuid }) => uuid === record.uuid) || {};
        const sentences = [...(notices || []), ...(record.asked ? [word("asked")] : [])];
        return element(
            "li",
            { "data-uuid": record.uuid, "data-state": "sent" },
            element(
                "a",
                { href: `/odoo/expat-kpi-records/${record.id}` },
                ...this.about(record, sentences)
            )
        );
    }

    async edit(record) {
        const { kinds } = this.told;
        // Another may be chosen, and must be where the kind is gone.
        const kind = kinds.find(({ id }) => id === record.values.kind) || kinds[0];
        // Not while it is being sent.
        await this.sender.alone(async () => {
            const now = await this.store.get("records", record.uuid);
            if (kind && now && now.state !== "sent") {
                this.entry.openKept(kind, now, await this.store.photosOf(now.uuid));
            }
        });
        await this.showRecords();
    }

    async again(record) {
        await this.store.put("records", { ...record, state: "kept", error: "" });
        await this.sync();
    }

    async remove(record) {
        if (window.confirm(word("sure_remove"))) {
            await this.sender.alone(() => this.store.removeRecord(record.uuid));
            await this.showRecords();
        }
    }
}

new FieldPage().start();
