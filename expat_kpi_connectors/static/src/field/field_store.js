// What is kept on the phone: records and photos that are not sent yet, and what the server
// said last. In the browser's own database, since a local storage takes no photos.

const STORES = { records: "uuid", photos: "id", told: "key" };

function settled(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

export class FieldStore {
    static async open() {
        const opening = window.indexedDB.open("expat-kpi-field", 1);
        opening.onupgradeneeded = () => {
            for (const [name, keyPath] of Object.entries(STORES)) {
                opening.result.createObjectStore(name, { keyPath });
            }
        };
        return new FieldStore(await settled(opening));
    }

    constructor(database) {
        this.database = database;
    }

    all(name) {
        return settled(this.database.transaction(name).objectStore(name).getAll());
    }

    get(name, key) {
        return settled(this.database.transaction(name).objectStore(name).get(key));
    }

    /** Written for good once this returns: a record must survive a page that is closed. */
    put(name, ...values) {
        return this.write(name, (store) => values.forEach((value) => store.put(value)));
    }

    remove(name, ...keys) {
        return this.write(name, (store) => keys.forEach((key) => store.delete(key)));
    }

    write(name, change) {
        return new Promise((resolve, reject) => {
            const transaction = this.database.transaction(name, "readwrite");
            transaction.oncomplete = () => resolve();
            transaction.onerror = () => reject(transaction.error);
            transaction.onabort = () => reject(transaction.error);
            change(transaction.objectStore(name));
        });
    }

    /** A record with its photos and files, and no others. */
    async putRecord(record, photos) {
        const kept = new Set(photos.map(({ id }) => id));
        const gone = (await this.photosOf(record.uuid)).filter(({ id }) => !kept.has(id));
        await this.remove("photos", ...gone.map(({ id }) => id));
        // Photos first: a record is sent as soon as it is there.
        await this.put("photos", ...photos);
        await this.put("records", record);
    }

    async photosOf(uuid) {
        return (await this.all("photos")).filter((photo) => photo.uuid === uuid);
    }

    async removeRecord(uuid) {
        const photos = await this.photosOf(uuid);
        await this.remove("photos", ...photos.map((photo) => photo.id));
        await this.remove("records", uuid);
    }
}
