// The sheet on which one record is made: everything on it but the button is optional.

import { $, element, localText, newUuid, shortTime, utcText, word } from "./field_dom";
import { scaled } from "./field_photo";
import { call } from "./field_sender";

const LOCATE_MS = 8000;
const ASKS = ["partner", "department", "need", "result", "solved", "photo"];

export class FieldEntry {
    /**
     * @param {object} hooks
     * @param {() => object} hooks.state what the server told last
     * @param {(record: object, photos: object[]) => Promise} hooks.save
     */
    constructor(hooks) {
        this.hooks = hooks;
        $("cancel").addEventListener("click", () => this.close());
        $("photo").addEventListener("change", (event) => this.addPhoto(event.target));
        $("customer_search").addEventListener("input", (event) => this.search(event.target.value));
        $("entry").addEventListener("submit", (event) => {
            event.preventDefault();
            this.save();
        });
    }

    /** A new record of a kind, at this moment; or one that is kept, to be edited. */
    open(kind, record = null, photos = []) {
        const values = record ? record.values : {};
        this.record = record;
        this.kind = kind;
        this.uuid = record ? record.uuid : newUuid();
        this.opened = record ? new Date(`${values.date}Z`) : new Date();
        this.partner = values.partner ? { id: values.partner, name: record.customer } : null;
        this.result = values.result;
        this.photos = [...photos];
        this.position = values.position;
        this.locating = null;
        this.fill(values);
        if (!record) {
            this.locate();
        }
        $("entry").hidden = false;
        $("save").focus({ preventScroll: true });
    }

    close() {
        $("entry").hidden = true;
        $("entry").reset();
    }

    fill(values) {
        const state = this.hooks.state();
        $("entry").reset();
        $("entry_title").textContent = this.kind.name;
        $("entry_time").textContent = this.record
            ? shortTime(this.opened)
            : word("now", { time: shortTime(this.opened) });
        for (const name of ASKS) {
            const is_asked = this.kind[`ask_${name}`] && (name !== "photo" || state.photos);
            document.querySelector(`[data-ask="${name}"]`).hidden = !is_asked;
        }
        for (const name of ["note", "need", "place", "follow_up"]) {
            $(name).value = values[name] || "";
        }
        $("date").value = localText(this.opened);
        $("solved").checked = Boolean(values.solved);
        $("department").replaceChildren(
            element("option", { value: "" }, "–"),
            ...state.departments.map(({ id, name }) => element("option", { value: id }, name))
        );
        $("department").value = values.department || "";
        this.showError("entry_error");
        this.showError("photo_error");
        this.showCustomers(state.customers.slice(0, 6));
        this.showResults(state.results);
        this.showPhotos();
    }

    showError(id, text = "") {
        $(id).textContent = text;
        $(id).hidden = !text;
    }

    chips(id, options, chosen, choose) {
        $(id).replaceChildren(
            ...options.map((option) =>
                element(
                    "button",
                    {
                        type: "button",
                        "aria-pressed": String(option.id === chosen),
                        onclick: () => choose(option.id === chosen ? null : option),
                    },
                    option.name
                )
            )
        );
    }

    showCustomers(options) {
        const { partner } = this;
        const shown =
            partner && !options.some(({ id }) => id === partner.id)
                ? [partner, ...options]
                : options;
        this.chips("customers", shown, partner?.id, (chosen) => {
            this.partner = chosen;
            this.showCustomers(options);
        });
    }

    showResults(options) {
        this.chips("results", options, this.result, (chosen) => {
            this.result = chosen?.id || null;
            this.showResults(options);
        });
    }

    /** Among those on the phone at once; the server's come when there is a network. */
    search(text) {
        const known = this.hooks.state().customers;
        const wanted = text.trim().toLowerCase();
        const here = known.filter(({ name }) => name.toLowerCase().includes(wanted));
        this.showCustomers(here.slice(0, 6));
        clearTimeout(this.searching);
        if (wanted.length < 2) {
            return;
        }
        this.searching = setTimeout(async () => {
            const found = await call("customers", { text: wanted }).catch(() => []);
            if ($("customer_search").value === text) {
                const more = found.filter(({ id }) => !here.some((one) => one.id === id));
                this.showCustomers([...here, ...more].slice(0, 8));
            }
        }, 300);
    }

    async addPhoto(input) {
        const [file] = input.files;
        input.value = "";
        if (!file) {
            return;
        }
        this.showError("photo_error");
        try {
            const blob = await scaled(file, this.hooks.state().largest);
            this.photos.push({ id: newUuid(), uuid: this.uuid, name: file.name, blob });
        } catch (error) {
            if (!error.word) {
                throw error;
            }
            this.showError("photo_error", word(error.word, error.values));
        }
        this.showPhotos();
    }

    showPhotos() {
        $("photos").replaceChildren(
            ...this.photos.map((photo) => {
                const url = URL.createObjectURL(photo.blob);
                const image = element("img", { src: url, alt: photo.name });
                image.addEventListener("load", () => URL.revokeObjectURL(url));
                return image;
            })
        );
    }

    /** Only where the country's policy and the person allow it; never waited for. */
    locate() {
        const { position, consent } = this.hooks.state();
        if (!position || !consent || !navigator.geolocation) {
            return;
        }
        this.locating = new Promise((resolve) => {
            navigator.geolocation.getCurrentPosition(
                ({ coords: { latitude, longitude, accuracy } }) =>
                    resolve({ latitude, longitude, accuracy }),
                () => resolve(null),
                { enableHighAccuracy: true, timeout: LOCATE_MS, maximumAge: 60000 }
            );
        });
        const { uuid } = this;
        this.locating.then((found) => {
            if (this.uuid === uuid) {
                this.position = found;
                this.locating = null;
            }
        });
    }

    moment() {
        const entered = $("date").value;
        // The input shows minutes; left alone, the seconds stay too.
        return !entered || entered === localText(this.opened) ? this.opened : new Date(entered);
    }

    /** What is sent. */
    values(moment) {
        return {
            uuid: this.uuid,
            uid: this.hooks.state().uid,
            kind: this.kind.id,
            date: utcText(moment),
            tz: Intl.DateTimeFormat().resolvedOptions().timeZone || "",
            partner: this.partner ? this.partner.id : null,
            department: Number($("department").value) || null,
            note: $("note").value,
            need: $("need").value,
            place: $("place").value,
            result: this.result || null,
            solved: $("solved").checked,
            follow_up: $("follow_up").value || null,
            position: this.position || null,
        };
    }

    async save() {
        const moment = this.moment();
        if (moment > Date.now() + 60000) {
            return this.showError("entry_error", word("future"));
        }
        const record = {
            ...this.record,
            uuid: this.uuid,
            uid: this.hooks.state().uid,
            kind: this.kind.name,
            customer: this.partner ? this.partner.name : "",
            photos: this.photos.length,
            state: "kept",
            error: "",
            hold: this.locating ? Date.now() + LOCATE_MS : 0,
            values: this.values(moment),
        };
        try {
            await this.hooks.save(record, this.photos, this.locating);
            this.close();
        } catch {
            this.showError("entry_error", word("no_storage"));
        }
    }
}
