// A photo is made small on the phone: a weak link carries some hundred kilobytes, not ten
// thousand. Drawn anew, it also loses what the camera wrote into it, such as the position.

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
const MEGABYTE = 1024 * 1024;

/** Too large, or no picture; `word` names the sentence. */
export class PhotoFault extends Error {
    constructor(word, values = {}) {
        super(word);
        this.word = word;
        this.values = values;
    }
}

export async function scaled(file, limit) {
    if (file.size > limit * MEGABYTE) {
        throw new PhotoFault("too_large", { size: Math.ceil(file.size / MEGABYTE), limit });
    }
    let picture;
    try {
        picture = await window.createImageBitmap(file);
    } catch {
        throw new PhotoFault("no_picture");
    }
    const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    if (!blob) {
        throw new PhotoFault("no_picture");
    }
    return blob;
}
