// The page: big buttons, what is kept on this phone, what was sent.

import { $, element, fromUtcText, icon, shortTime, word } from "./field_dom";
import { FieldEntry } from "./field_entry";
import { call, FieldSender, LoggedOut, NoAnswer } from "./field_sender";
import { FieldStore } from "./field_store";

const AGAIN_MS = 30000;
const NOTHING_TOLD = {
    kinds: [],
    customers: [],
    departments: [],
    results: [],
    recent: [],
    employee: true,
    largest: 10,
};

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
        this.told = { ...NOTHING_TOLD, ...(await this.store.get("told", "state")) };
        this.entry = new FieldEntry({
            state: () => this.told,
            save: (record, photos, locating) => this.save(record, photos, locating),
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
        setInterval(() => this.syncWhatIsKept(), AGAIN_MS);
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
                const told = await this.sender.run(() => this.showRecords());
                this.told = { ...NOTHING_TOLD, ...told };
                this.showTold();
                this.showBanner("");
            } while (this.syncAgain);
        } catch (error) {
            this.showFailure(error);
        } finally {
            this.syncing = false;
            await this.showRecords();
            this.channel.postMessage("changed");
            document.body.dataset.synced = String(Number(document.body.dataset.synced || 0) + 1);
        }
    }

    async syncWhatIsKept() {
        const records = await this.store.all("records");
        if (records.some((record) => record.state === "kept")) {
            await this.sync();
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
        $("kinds").hidden = !told.employee;
        $("kinds").replaceChildren(
            ...told.kinds.map((kind) =>
                element(
                    "button",
                    {
                        type: "button",
                        "data-category": kind.category,
                        onclick: () => this.entry.open(kind),
                    },
                    icon(kind.category),
                    kind.name
                )
            )
        );
        $("notice").hidden = !told.position || told.consent;
        $("notice_text").textContent = told.notice || "";
        $("position_on").hidden = !(told.position && told.consent);
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

    async save(record, photos, locating) {
        // Photos first: a record is sent as soon as it is there.
        await this.store.put("photos", ...photos);
        await this.store.put("records", record);
        navigator.storage?.persist?.().catch(() => {});
        await this.showRecords();
        if (locating) {
            locating.then((position) => this.release(record.uuid, position));
        }
        this.sync();
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
        const waiting = records.filter((record) => record.state !== "sent");
        const sent = records.filter((record) => record.state === "sent");
        const mine = sent.filter((record) => record.uid === this.told.uid);
        const told = new Set(this.told.recent.map(({ uuid }) => uuid));
        const lines = [
            ...mine.filter((record) => !told.has(record.uuid)).map((r) => this.localLine(r)),
            ...this.told.recent.map((record) => this.toldLine(record, records)),
        ];
        $("waiting").hidden = !waiting.length;
        $("waiting_list").replaceChildren(...waiting.map((record) => this.localLine(record)));
        $("nothing_sent").hidden = lines.length + waiting.length > 0;
        $("sent_list").replaceChildren(...lines);
        $("sent_title").hidden = !lines.length;
        document.body.dataset.waiting = waiting.length;
    }

    line({ kind, customer, date, uuid, state }, text, ...buttons) {
        return element(
            "li",
            { "data-uuid": uuid, "data-state": state },
            element(
                "div",
                { class: "title" },
                element("strong", {}, customer ? `${kind} · ${customer}` : kind),
                element("span", {}, shortTime(fromUtcText(date)))
            ),
            ...text.map((sentence) => element("div", { class: "state" }, sentence)),
            buttons.length ? element("div", { class: "row" }, ...buttons) : null
        );
    }

    localLine(record) {
        const isOther = this.told.uid && record.uid !== this.told.uid;
        const about = { ...record, date: record.values.date };
        if (record.state === "sent") {
            return this.line(
                about,
                [word("sent"), ...(record.notices || [])],
                this.link(record.id)
            );
        }
        if (isOther) {
            // Whose it is must not be shown to the next one who logs in.
            return this.line({ ...about, customer: "" }, [word("other_login")]);
        }
        const photos = record.photos ? [word("photo_count", { count: record.photos })] : [];
        const button = (name, onclick) =>
            element("button", { type: "button", onclick }, word(name));
        const edit = button("edit", () => this.edit(record));
        if (record.state === "kept") {
            return this.line(about, [word("kept"), ...photos], edit);
        }
        return this.line(
            about,
            [word("refused", { reason: record.error }), ...photos],
            edit,
            button("again", () => this.again(record)),
            button("remove", () => this.remove(record))
        );
    }

    toldLine(record, records) {
        const local = records.find(({ uuid }) => uuid === record.uuid);
        const sentences = [word("sent"), ...(local?.notices || [])];
        if (record.asked) {
            sentences.push(word("asked"));
        }
        return this.line({ ...record, state: "sent" }, sentences, this.link(record.id));
    }

    link(id) {
        return element(
            "a",
            { class: "button", href: `/odoo/expat-kpi-records/${id}` },
            word("details")
        );
    }

    async edit(record) {
        const kind = this.told.kinds.find(({ id }) => id === record.values.kind);
        // Not while it is being sent.
        await this.sender.alone(async () => {
            const now = await this.store.get("records", record.uuid);
            if (kind && now && now.state !== "sent") {
                this.entry.open(kind, now, await this.store.photosOf(now.uuid));
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
            await this.store.removeRecord(record.uuid);
            await this.showRecords();
        }
    }
}

new FieldPage().start();
