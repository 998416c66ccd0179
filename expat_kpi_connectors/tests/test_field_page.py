import base64
import json
from datetime import datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

from odoo import fields, http
from odoo.tests import HttpCase, tagged
from odoo.tests import common as odoo_tests
from odoo.tools import mute_logger

from .record_common import RecordCase
from .test_record_policy import picture

SCOPE = "/expat-kpi/field"


class FieldCase(RecordCase, HttpCase):
    def _call(self, route, **params):
        answer = self.url_open(
            f"{SCOPE}/{route}",
            data=json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}),
            headers={"Content-Type": "application/json"},
        ).json()
        if "error" in answer:
            return answer["error"]["data"]["name"].rpartition(".")[2], answer["error"]["data"][
                "message"
            ]
        return answer["result"]

    def _sent(self, **values):
        return {
            "uuid": str(uuid4()),
            "kind": self.kinds["visit"].id,
            "date": fields.Datetime.now().isoformat(timespec="seconds"),
            **values,
        }

    def _records(self, employee=None):
        return self.env["expat.kpi.record"].search(
            [("employee_id", "=", (employee or self.lan).id)]
        )


@tagged("post_install", "-at_install")
class TestFieldRoutes(FieldCase):
    """Whatever a phone sends is checked on the server, under the rights of its login."""

    def setUp(self):
        super().setUp()
        self.authenticate("kpi_lan", "kpi_lan")

    def test_sent_twice_is_kept_once(self):
        sent = self._sent(partner=self.customer.id, note=" Talked ", result="sample")
        first = self._call("send", record=sent)
        again = self._call("send", record=sent)
        self.assertEqual((first["is_new"], again["is_new"]), (True, False))
        self.assertEqual(first["id"], again["id"])
        record = self._records()
        self.assertRecordValues(
            record,
            [{"partner_id": self.customer.id, "note": "Talked", "result": "sample"}],
        )
        self.assertEqual(record.date.isoformat(), sent["date"])
        self.assertEqual(record.create_uid, self.lan.user_id)

    def test_what_is_no_record_is_refused_in_a_sentence(self):
        tomorrow = (fields.Datetime.now() + timedelta(days=1)).isoformat(timespec="seconds")
        for values, sentence in (
            ({"uuid": "1' OR 1=1"}, "no field record"),
            ({"uuid": None}, "no field record"),
            ({"date": "yesterday"}, "not readable"),
            ({"date": None}, "not readable"),
            ({"date": tomorrow}, "future"),
            ({"kind": 0}, "kind"),
            ({"kind": "1"}, "no field record"),
            ({"kind": True}, "no field record"),
            ({"note": ["x"]}, "no field record"),
            ({"result": "won"}, "no field record"),
            ({"follow_up": "31/12"}, "no field record"),
            ({"uid": self.jonas.user_id.id}, "another login"),
        ):
            with self.subTest(values=values):
                _name, message = self._call("send", record=self._sent(**values))
                self.assertIn(sentence, message)
        self.assertEqual(self._call("send", record="x")[0], "ValidationError")
        self.assertFalse(self._records())

    def test_what_no_database_keeps_costs_no_record(self):
        """Half of an emoji that was cut, a zero byte, a number of no record."""
        sent = self._sent(note="Good \ud83d", need="a\x00b", place="\x00", partner=2**40)
        answer = self._call("send", record=sent)
        self.assertRecordValues(
            self.env["expat.kpi.record"].browse(answer["id"]),
            [{"note": "Good ?", "need": "ab", "place": False, "partner_id": False}],
        )

    def test_a_customer_who_is_hidden_by_now_is_not_offered(self):
        company = self.env["res.company"].create({"name": "Other"})
        self._call("send", record=self._sent(partner=self.customer.id))
        self.customer.company_id = company
        state = self._call("state")
        self.assertFalse(state["customers"])
        self.assertEqual(state["recent"][0]["customer"], "Red River")

    def test_nothing_to_confirm_where_there_is_no_policy(self):
        name, message = self._call("consent", policy_id=False, version=1, is_given=True)
        self.assertEqual(name, "UserError")
        self.assertIn("Load the page", message)

    def test_nobody_sends_for_another_or_sets_what_the_system_sets(self):
        answer = self._call(
            "send",
            record=self._sent(
                employee_id=self.jonas.id,
                mark="followed",
                is_audit=True,
                company_id=1,
                active=False,
            ),
        )
        record = self.env["expat.kpi.record"].browse(answer["id"])
        self.assertEqual((record.employee_id, record.mark), (self.lan, "self"))
        self.assertTrue(record.active)

    def test_position_is_kept_by_policy_and_consent_only(self):
        place = {"latitude": 21.03, "longitude": 105.85, "accuracy": 12}
        self._call("send", record=self._sent(position=place))
        self.assertFalse(self._records().place_ids, "no policy")
        policy = self._policy()
        state = self._call("state")
        self.assertEqual((state["position"], state["consent"]), (True, False))
        self._call("send", record=self._sent(position=place))
        self.assertFalse(self._records().place_ids, "not confirmed")
        confirm = {"policy_id": policy.id, "is_given": True}
        self.assertIn("changed", self._call("consent", version=7, **confirm)[1])
        self.assertTrue(self._call("consent", version=1, **confirm))
        self.assertTrue(self._call("state")["consent"])
        answer = self._call("send", record=self._sent(position=place))
        self.assertEqual(answer["notices"], [])
        self.assertAlmostEqual(self._records().place_ids.longitude, 105.85)
        for nowhere in ({"latitude": 0, "longitude": 0}, {"latitude": 210, "longitude": "x"}):
            answer = self._call("send", record=self._sent(position=nowhere))
            self.assertIn("cannot be", answer["notices"][0])
        self.assertEqual(len(self._records()), 5, "the record itself is kept")
        self._call("consent", policy_id=policy.id, version=1, is_given=False)
        self._call("send", record=self._sent(position=place))
        self.assertEqual(len(self._records().place_ids), 1)

    def test_photos_arrive_once_and_not_for_others(self):
        sent = self._sent()
        photo = {"photo": str(uuid4()), "name": "a.jpg", "image": picture().decode()}
        self.assertIn("not arrived", self._call("photo", uuid=sent["uuid"], **photo)[1])
        self._call("send", record=sent)
        for _time in range(2):
            self.assertTrue(self._call("photo", uuid=sent["uuid"], **photo))
        self.assertEqual(len(self._records().photo_ids), 1)
        self.company_a.expat_kpi_file_mb = 1
        large = base64.b64encode(b"x" * 1_100_000).decode()
        other = {**photo, "photo": str(uuid4())}
        answer = self._call("photo", uuid=sent["uuid"], **{**other, "image": large})
        self.assertIn("at most 1 MB", answer[1])
        answer = self._call("photo", uuid=sent["uuid"], **{**other, "image": 5})
        self.assertIn("no photo", answer[1])
        self.authenticate("kpi_jonas", "kpi_jonas")
        self.assertIn("not arrived", self._call("photo", uuid=sent["uuid"], **other)[1])

    def test_page_holds_nobodys_data_and_worker_sees_no_more_than_it(self):
        self.lan.name = "Nguyen Thi Lan"
        page = self.url_open(SCOPE)
        self.assertNotIn("Nguyen", page.text)
        self.assertNotIn(self.customer.name, page.text)
        worker = self.url_open(f"{SCOPE}/worker.js")
        self.assertEqual(worker.headers["Service-Worker-Allowed"], SCOPE)

    def test_without_login_or_as_a_guest(self):
        self.authenticate(None, None)
        self.assertEqual(self._call("send", record=self._sent())[0], "SessionExpiredException")
        self.assertIn("/web/login", self.url_open(SCOPE).url)
        portal = self._create_user("guest", "base.group_portal")
        self.authenticate(portal.login, portal.login)
        self.assertIn("no employee", self._call("send", record=self._sent())[1])
        self.assertNotIn("field_page", self.url_open(SCOPE, allow_redirects=False).text)

    def test_another_site_cannot_send(self):
        """A form of another site reaches no route: these take JSON alone."""
        record = json.dumps({"params": {"record": self._sent()}})
        with mute_logger("odoo.http"):
            answer = self.url_open(
                f"{SCOPE}/send", data=record, headers={"Content-Type": "text/plain"}
            )
        self.assertGreaterEqual(answer.status_code, 400)
        self.assertFalse(self._records())

    def test_state_offers_the_customers_visited_last(self):
        self._record(partner_id=self.customer.id)
        state = self._call("state")
        self.assertEqual(state["customers"], [{"id": self.customer.id, "name": "Red River"}])
        self.assertEqual(state["recent"][0]["customer"], "Red River")
        self.assertIn("Customer visit", [kind["name"] for kind in state["kinds"]])
        self.assertEqual(self._call("customers", text="red riv")[0]["id"], self.customer.id)


class PhoneBrowser(odoo_tests.ChromeBrowser):
    """A browser whose network the page's test code cuts: ``console.log("test: …")``."""

    def _handle_console(self, type, args=None, stackTrace=None, **kw):  # pylint: disable=redefined-builtin
        text = (args or [{}])[0].get("value")
        if isinstance(text, str) and text.startswith("test: "):
            getattr(self, f"_{text[6:].replace(' ', '_')}")()
        return super()._handle_console(type, args, stackTrace, **kw)

    def _emulate(self, offline):
        self._websocket_send("Network.enable")
        self._websocket_send(
            "Network.emulateNetworkConditions",
            params={
                "offline": offline,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": -1,
            },
        )

    def _network_off(self):
        self._emulate(True)

    def _network_on(self):
        self._emulate(False)

    def _session_gone(self):
        http.root.session_store.delete(self.test_case.session)


STEPS = """
    const $ = (id) => document.getElementById(id);
    const until = async (what, condition) => {
        for (let waited = 0; !(await condition()); waited += 50) {
            if (waited > 15000) { throw new Error(`waited too long for ${what}`); }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    };
    const kind = (category) => document.querySelector(`#kinds [data-category=${category}]`).click();
    const waiting = () => Number(document.body.dataset.waiting);
    const network = async (state) => {
        console.log(`test: network ${state}`);
        await until(`network ${state}`, () => navigator.onLine === (state === "on"));
    };
"""


@tagged("post_install", "-at_install")
class TestFieldPhone(FieldCase):
    browser_size = "390x844"
    touch_enabled = True

    def _on_the_phone(self, steps):
        code = f"(async () => {{ {STEPS} {steps} console.log('test successful'); }})()"
        code += ".catch((error) => console.error(error.message));"
        with patch.object(odoo_tests, "ChromeBrowser", PhoneBrowser):
            self.browser_js(
                SCOPE, code, ready="!!document.body.dataset.synced", login="kpi_lan", timeout=90
            )

    def test_two_taps(self):
        self._on_the_phone(
            """
            kind("visit");
            $("save").click();
            await until("the record", () => document.querySelector("li[data-state=sent]"));
            """
        )
        record = self._records()
        self.assertEqual((len(record), record.category), (1, "visit"))
        self.assertLess(abs(record.date - datetime.utcnow()), timedelta(minutes=2))

    def test_network_cut_in_the_middle(self):
        """Kept with its own time and photo, and sent once, though two pages are open."""
        self._on_the_phone(
            """
            const other = document.createElement("iframe");
            other.src = location.href;
            document.body.append(other);
            await until("the other page", () => other.contentDocument?.body?.dataset.synced);

            await network("off");
            kind("visit");
            const opened = new Date().toISOString().slice(0, 19);
            $("note").value = opened;
            const canvas = document.createElement("canvas");
            canvas.width = 3000;
            canvas.height = 20;
            canvas.getContext("2d").fillRect(0, 0, 3000, 20);
            const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
            const files = new DataTransfer();
            files.items.add(new File([blob], "gate.png", { type: "image/png" }));
            $("photo").files = files.files;
            $("photo").dispatchEvent(new Event("change"));
            await until("the photo", () => document.querySelector("#photos img"));
            $("save").click();
            await until("what is kept", () => waiting() === 1);
            await until("the sentence", () => $("banner_text").textContent.includes("No network"));
            await new Promise((resolve) => setTimeout(resolve, 2500));

            await network("on");
            await until("it is sent", () => waiting() === 0 && $("banner").hidden);
            await until("the other page knows", () =>
                other.contentDocument.body.dataset.waiting === "0");
            """
        )
        record = self._records()
        self.assertEqual(len(record), 1)
        opened = datetime.fromisoformat(record.note)
        self.assertLessEqual(abs(record.date - opened), timedelta(seconds=1))
        self.assertGreater(datetime.utcnow() - record.date, timedelta(seconds=2))
        self.assertEqual(len(record.photo_ids), 1)

    def test_logged_out_keeps_what_was_saved(self):
        self._on_the_phone(
            """
            console.log("test: session gone");
            kind("incident");
            $("note").value = "Container stuck";
            $("save").click();
            await until("the way to log in", () => !$("login").hidden);
            if (waiting() !== 1) { throw new Error("nothing is kept"); }
            """
        )
        self.assertFalse(self._records())

    def test_too_large_a_photo_is_told_before_it_is_sent(self):
        self._on_the_phone(
            """
            kind("visit");
            const files = new DataTransfer();
            files.items.add(new File([new Uint8Array(30 * 1024 * 1024)], "a.jpg"));
            $("photo").files = files.files;
            $("photo").dispatchEvent(new Event("change"));
            await until("the sentence", () => $("photo_error").textContent.includes("30 MB"));
            $("save").click();
            await until("the record", () => document.querySelector("li[data-state=sent]"));
            """
        )
        self.assertFalse(self._records().photo_ids)

    def test_refused_is_told_and_stays_until_it_is_mended(self):
        """A plan is closed while the phone is in the valley."""
        cycle = self.env["expat.kpi.cycle"].create(
            {
                "name": "Now",
                "date_from": fields.Date.subtract(fields.Date.today(), days=3),
                "date_to": fields.Date.add(fields.Date.today(), days=3),
                "company_id": self.company_a.id,
            }
        )
        plan = self.env["expat.kpi.plan"].create({"cycle_id": cycle.id, "employee_id": self.lan.id})
        plan._set_guarded({"state": "review"})
        self._on_the_phone(
            """
            kind("visit");
            $("save").click();
            await until("the refusal", () => document.querySelector(
                "#waiting li[data-state=refused] .state")?.textContent.includes("in review"));
            """
        )
        self.assertFalse(self._records())
