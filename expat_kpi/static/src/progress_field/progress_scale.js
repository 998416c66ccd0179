/**
 * Where things stand on the bar of an indicator, and in which state it is.
 * Plain functions: no component, no field, no translation.
 */

/** Share of the bar's width at which the target stands, while the actual leaves it there. */
const TARGET_AT = 0.8;
/** Share of the width that the longest bar takes: it ends in sight, it is not cut. */
const LONGEST_BAR = 0.96;
/** From this attainment on, in percent, a missed target is a near one. */
const NEAR = 90;

/**
 * @typedef {Object} Mark
 * @property {"target"} kind what it marks; the expected-by-today is to be another kind
 * @property {number} at percent of the width
 */

/**
 * Positions on the bar, in percent of its width.
 *
 * @param {Object} values
 * @param {"more"|"less"|"band"} values.direction
 * @param {number|null} values.actual null: there is none
 * @param {number} values.target lower end of a band
 * @param {number} [values.targetMax] upper end of a band
 * @returns {{bar: number|null, marks: Mark[], zone: {from: number, to: number}|null}}
 *  `bar`: where the actual ends; `zone`: what is within the target, where that is less than
 *  everything
 */
export function progressScale({ direction, actual, target, targetMax }) {
    const isBand = direction === "band";
    const farthest = isBand ? Math.max(target, targetMax || 0) : target;
    const full = Math.max(farthest / TARGET_AT, (actual || 0) / LONGEST_BAR);
    const place = (value) => (full > 0 ? Math.min(100, Math.max(0, (100 * value) / full)) : 0);
    const marks = [{ kind: "target", at: place(target) }];
    if (isBand) {
        marks.push({ kind: "target", at: place(farthest) });
    }
    let zone = null;
    if (isBand) {
        zone = { from: place(target), to: place(farthest) };
    } else if (direction === "less") {
        zone = { from: 0, to: place(target) };
    }
    return { bar: actual === null ? null : place(actual), marks, zone };
}

/**
 * @param {Object} values
 * @param {string} values.status as the server says it
 * @param {number} values.attainment in percent
 * @returns {"reached"|"near"|"missed"|"no_data"|"error"}
 */
export function progressState({ status, attainment }) {
    if (status === "error") {
        return "error";
    }
    if (status !== "ok") {
        return "no_data";
    }
    if (attainment >= 100) {
        return "reached";
    }
    return attainment >= NEAR ? "near" : "missed";
}
