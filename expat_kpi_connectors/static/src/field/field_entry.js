// The sheet on which one record is made: everything on it but the button is optional.

import { $, element, localText, newUuid, shortTime, utcText, word } from "./field_dom";
import { FileFault, isPicture, scaled, whole } from "./field_photo";
import { call } from "./field_sender";

const LOCATE_MS = 8000;
const DENIED = 1;
const ASKS = ["partner", "department", "need", "result", "solved", "photo"];

export class FieldEntry {
    /**
     * @param {object} hooks
     * @param {() => object} hooks.state what the server told last
     * @param {(record: object, photos: object[], how: object) => Promise} hooks.save
     */
    constructor(hooks) {
        this.hooks = hooks;
        $("cancel").addEventListener("click", () => this.close());
        for (const name of ["photo", "file"]) {
            $(name).addEventListener("change", (event) => this.addFiles(event.target));
            $(`add_${name}`).addEventListener("click", () => $(name).click());
        }
        $("kind").addEventListener("change", (event) => this.showKind(event.target.value));
        $("customer_search").addEventListener("input", (event) => this.search(event.target.value));
        $("entry_form").addEventListener("submit", (event) => {
            event.preventDefault();
            this.save();
        });
    }

    /** A new record of a kind, at this moment. */
    openNew(kind, partner = null) {
        this.opened = new Date();
        this.uuid = newUuid();
        this.uid = this.hooks.state().uid;
        this.show(kind, null, {}, partner, []);
        this.locate();
    }

    /** One that is kept on this phone. */
    openKept(kind, record, photos) {
        const { values } = record;
        this.opened = new Date(`${values.date}Z`);
        this.uuid = record.uuid;
        this.uid = record.uid;
        const partner = values.partner ? { id: values.partner, name: record.customer } : null;
        this.show(kind, record, values, partner, photos);
    }

    show(kind, record, values, partner, photos) {
        this.record = record;
        this.kind = kind;
        this.partner = partner;
        this.result = values.result;
        this.photos = [...photos];
        this.position = values.position;
        this.locating = null;
        this.fill(values);
        $("entry").showModal();
        $("entry_form").scrollTop = 0;
    }

    close() {
        $("entry").close();
        $("entry_form").reset();
    }

    fill(values) {
        const state = this.hooks.state();
        $("entry_form").reset();
        $("more").open = false;
        $("entry_time").textContent = this.record
            ? shortTime(this.opened)
            : word("now", { time: shortTime(this.opened) });
        $("kind_field").hidden = !this.record;
        $("kind").replaceChildren(
            ...state.kinds.map(({ id, name }) => element("option", { value: id }, name))
        );
        this.showKind(this.kind.id);
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
        $("photo_errors").replaceChildren();
        this.showCustomers(state.customers.slice(0, 6));
        this.showResults(state.results);
        this.showPhotos();
    }

    showKind(id) {
        const { kinds, photos } = this.hooks.state();
        this.kind = kinds.find((kind) => kind.id === Number(id)) || kinds[0];
        $("kind").value = this.kind.id;
        $("entry_title").textContent = this.kind.name;
        for (const name of ASKS) {
            const isAsked = this.kind[`ask_${name}`] && (name !== "photo" || photos);
            document.querySelector(`[data-ask="${name}"]`).hidden = !isAsked;
        }
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

    async addFiles(input) {
        const { uuid } = this;
        const files = [...input.files];
        input.value = "";
        const faults = [];
        for (const file of files) {
            try {
                const added = await this.taken(file);
                // Meanwhile the sheet may have been closed, and another opened.
                if (this.uuid === uuid) {
                    this.photos.push({ id: newUuid(), uuid, name: file.name, ...added });
                }
            } catch (error) {
                if (!(error instanceof FileFault)) {
                    throw error;
                }
                faults.push(word(error.word, error.values));
            }
        }
        $("photo_errors").replaceChildren(...faults.map((text) => element("p", {}, text)));
        this.showPhotos();
    }

    async taken(file) {
        const { photos, largest } = this.hooks.state();
        if (!isPicture(file)) {
            return { is_file: true, blob: await whole(file, largest) };
        }
        if (!photos) {
            throw new FileFault("no_photos", { file: file.name });
        }
        return { is_file: false, blob: await scaled(file) };
    }

    showPhotos() {
        $("photos").replaceChildren(
            ...this.photos.map((photo) =>
                element(
                    "button",
                    {
                        type: "button",
                        class: "file",
                        "aria-label": word("remove_file", { file: photo.name }),
                        onclick: () => {
                            this.photos = this.photos.filter((other) => other !== photo);
                            this.showPhotos();
                        },
                    },
                    photo.is_file
                        ? element("span", { class: "name" }, photo.name)
                        : this.thumbnail(photo),
                    element("span", { class: "cross", "aria-hidden": "true" }, "×")
                )
            )
        );
    }

    thumbnail({ blob }) {
        const url = URL.createObjectURL(blob);
        const image = element("img", { src: url, alt: "" });
        image.addEventListener("load", () => URL.revokeObjectURL(url));
        return image;
    }

    /** Only where the country's policy and the person allow it; never waited for. */
    locate() {
        const { position, consent } = this.hooks.state();
        if (!position || !consent || !navigator.geolocation) {
            return;
        }
        this.locating = new Promise((resolve) => {
            navigator.geolocation.getCurrentPosition(
                ({ coords: { latitude, longitude, accuracy } }) => {
                    $("position_denied").hidden = true;
                    resolve({ latitude, longitude, accuracy });
                },
                ({ code }) => {
                    $("position_denied").hidden = code !== DENIED;
                    resolve(null);
                },
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
            uid: this.uid,
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
            uid: this.uid,
            kind: this.kind.name,
            customer: this.partner ? this.partner.name : "",
            photos: this.photos.length,
            state: "kept",
            error: "",
            hold: this.locating ? Date.now() + LOCATE_MS : 0,
            values: this.values(moment),
        };
        try {
            await this.hooks.save(record, this.photos, {
                isNew: !this.record,
                locating: this.locating,
            });
            this.close();
        } catch {
            this.showError("entry_error", word("no_storage"));
        }
    }
}
