// A photo is made small on the phone: a weak link carries some hundred kilobytes, not ten
// thousand. Drawn anew, it also loses what the camera wrote into it, such as the position.

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
const MEGABYTE = 1024 * 1024;
const HEIC = /\.(heic|heif)$/i;

/** Too large, or no picture; `word` names the sentence. */
export class FileFault extends Error {
    constructor(word, values = {}) {
        super(word);
        this.word = word;
        this.values = values;
    }
}

function isHeic({ name, type }) {
    return /^image\/hei[cf]/.test(type) || HEIC.test(name);
}

export function isPicture(file) {
    // Drawings have no camera behind them, and lose by being drawn anew.
    return (file.type.startsWith("image/") && file.type !== "image/svg+xml") || isHeic(file);
}

/** However large it is, what is sent is small. */
export async function scaled(file) {
    let picture;
    try {
        picture = await window.createImageBitmap(file);
    } catch {
        throw new FileFault(isHeic(file) ? "heic" : "no_picture", { file: file.name });
    }
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) {
        throw new FileFault("no_picture", { file: file.name });
    }
    return blob;
}

/** Any other file, as it is; read now, since the phone may move it before it is sent. */
export async function whole(file, limit) {
    if (file.size > limit * MEGABYTE) {
        const size = Math.ceil(file.size / MEGABYTE);
        throw new FileFault("too_large", { file: file.name, size, limit });
    }
    return new Blob([await file.arrayBuffer()], { type: file.type });
}
