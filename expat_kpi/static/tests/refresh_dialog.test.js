import { describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, click, Deferred, queryOne } from "@odoo/hoot-dom";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { getService, mockService, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { PATIENCE } from "@expat_kpi/refresh_dialog/refresh_dialog";

describe.current.tags("headless");
defineMailModels();

const MEASURES = [
    { id: 1, name: "Customer visits" },
    { id: 2, name: "Deals won" },
    { id: 3, name: "Revenue" },
];

/** Start a refresh; `answer(id)` is what the server says to a step. */
async function start(answer) {
    onRpc("expat.kpi.measure", "refresh_step", async ({ args: [[id], since] }) => {
        expect.step(`${id} ${since}`);
        return await answer(id);
    });
    mockService("notification", {
        add: (message, { type } = {}) => {
            expect.step(`${type}: ${message}`);
        },
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "expat_kpi_refresh",
        params: { measures: MEASURES, since: "2026-07-01 10:00:00", done: "Up to date." },
    });
    await animationFrame();
}

const done = { state: "done", error: false };
const text = () => queryOne(".o_expat_refresh_text").textContent;

test("shows how far it is, and ends with the sentence", async () => {
    const second = new Deferred();
    await start((id) => (id === 2 ? second : done));
    await animationFrame();
    expect(text()).toBe("2 of 3: Deals won");
    expect(queryOne(".progress").getAttribute("aria-valuenow")).toBe("33");
    second.resolve(done);
    await animationFrame();
    await animationFrame();
    expect(".o_expat_refresh").toHaveCount(0);
    expect.verifySteps([
        "1 2026-07-01 10:00:00",
        "2 2026-07-01 10:00:00",
        "3 2026-07-01 10:00:00",
        "success: Up to date.",
    ]);
});

test("closing it ends it after the present measure", async () => {
    const first = new Deferred();
    await start(() => first);
    await click(".modal-footer .btn-secondary");
    await animationFrame();
    first.resolve(done);
    await animationFrame();
    expect.verifySteps(["1 2026-07-01 10:00:00"]);
});

test("a measure that fails is said, the others are refreshed", async () => {
    await start((id) => (id === 1 ? { state: "done", error: "No such field." } : done));
    await animationFrame();
    await animationFrame();
    expect.verifySteps([
        "1 2026-07-01 10:00:00",
        "2 2026-07-01 10:00:00",
        "3 2026-07-01 10:00:00",
        "warning: Customer visits: No such field.",
    ]);
});

test("what somebody else refreshes is asked for again at the end", async () => {
    let isBusy = true;
    await start((id) => (id === 1 && isBusy ? { state: "busy", error: false } : done));
    await animationFrame();
    expect(text()).toBe("3 of 3: Customer visits");
    isBusy = false;
    await advanceTime(PATIENCE.milliseconds);
    await animationFrame();
    expect.verifySteps([
        "1 2026-07-01 10:00:00",
        "2 2026-07-01 10:00:00",
        "3 2026-07-01 10:00:00",
        "1 2026-07-01 10:00:00",
        "1 2026-07-01 10:00:00",
        "success: Up to date.",
    ]);
});

test("after a failure one can go on with the rest", async () => {
    let isDown = true;
    await start((id) => {
        if (id === 2 && isDown) {
            throw new Error("down");
        }
        return done;
    });
    await animationFrame();
    expect(".o_expat_refresh_problem").toHaveCount(1);
    isDown = false;
    await click(".modal-footer .btn-primary");
    await animationFrame();
    await animationFrame();
    expect.verifySteps([
        "1 2026-07-01 10:00:00",
        "2 2026-07-01 10:00:00",
        "2 2026-07-01 10:00:00",
        "3 2026-07-01 10:00:00",
        "success: Up to date.",
    ]);
});
