import base64
import json
from datetime import datetime, timedelta
from socket import SHUT_RDWR
from unittest.mock import patch
from uuid import uuid4

from odoo import fields, http
from odoo.tests import Form, HttpCase, tagged
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

    def _files(self, record):
        return self.env["ir.attachment"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
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

    def test_what_was_edited_before_the_answer_came_is_changed_once(self):
        sent = self._sent(note="Before", partner=self.customer.id, follow_up="2026-12-01")
        self._call("send", record=sent)
        record = self._records()
        self._call("send", record={**sent, "note": "Ignored"})
        self.assertEqual(record.note, "Before")
        edited = {
            **sent,
            "note": "After",
            "partner": None,
            "follow_up": None,
            "changed": ["note", "partner", "follow_up", "no_field", 5],
        }
        # Solved in Odoo meanwhile, which the phone does not know.
        record.write({"is_solved": True, "place": "Hanoi"})
        self.assertFalse(self._call("send", record=edited)["is_new"])
        self.assertRecordValues(
            record,
            [
                {
                    "note": "After",
                    "partner_id": False,
                    "date_follow_up": False,
                    "is_solved": True,
                    "place": "Hanoi",
                }
            ],
        )
        self._grow_old(record, fields.Datetime.now() - timedelta(hours=49))
        self.assertFalse(self._call("send", record=edited)["is_new"], "nothing differs")
        answer = self._call("send", record={**edited, "note": "Too late"})
        self.assertIn("48 hours", answer[1])

    def test_files_arrive_once_and_are_seen_with_the_record(self):
        sent = self._sent()
        minutes = base64.b64encode(b"<script>axles</script>").decode()
        file = {"uuid": sent["uuid"], "name": "minutes.html", "content": minutes}
        self.assertIn("not arrived", self._call("file", **file)[1])
        self._call("send", record=sent)
        for _time in range(2):
            self.assertTrue(self._call("file", **file))
        record = self._records()
        attachment = self._files(record)
        self.assertEqual(len(attachment), 1)
        # a picture is kept cleaned, and is known again all the same
        scan = {**file, "name": "scan.jpg", "content": picture(position=True).decode()}
        for _time in range(2):
            self.assertTrue(self._call("file", **scan))
        self.assertEqual(len(self._files(record)), 2)
        (self._files(record) - attachment).unlink()
        self.company_a.expat_kpi_file_mb = 1
        for content, sentence in (
            (base64.b64encode(b"x" * 1_100_000).decode(), "at most 1 MB"),
            ("", "empty"),
            (5, "no field record"),
            ("%%%", "no field record"),
            (base64.b64encode(b"\0\0\0\x18ftypheic").decode(), "HEIC is not"),
        ):
            with self.subTest(sentence=sentence):
                self.assertIn(sentence, self._call("file", **{**file, "content": content})[1])
        self.assertEqual(self._files(record), attachment)
        other = self._create_user("other")
        for login, is_seen in (
            ("kpi_lan", True),
            ("kpi_chen", True),
            ("kpi_wang", True),
            ("kpi_jonas", False),
            (other.login, False),
            (None, False),
        ):
            with self.subTest(login=login):
                self.authenticate(login, login)
                answer = self.url_open(f"/web/content/{attachment.id}")
                self.assertEqual(b"axles" in answer.content, is_seen)
                self.assertNotIn("text/html", answer.headers["Content-Type"] if is_seen else "")
        self.authenticate("kpi_jonas", "kpi_jonas")
        self.assertIn("not arrived", self._call("file", **file)[1])

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
    """A browser that a test drives step by step, with a network that can be cut."""

    is_offline = False

    def network(self, is_on):
        """Tell the page so. What asks all the same, as its service worker may, is hung up on."""
        self.is_offline = not is_on
        self._websocket_send("Network.enable")
        self._websocket_send(
            "Network.emulateNetworkConditions",
            params={
                "offline": self.is_offline,
                "latency": 0,
                "downloadThroughput": -1,
                "uploadThroughput": -1,
            },
        )
        self.until("the network", f"navigator.onLine === {json.dumps(is_on)}")

    def position(self, latitude=None, longitude=None):
        """Let the phone be there; or tell nobody where it is."""
        self._websocket_request(
            "Browser.setPermission",
            params={
                "permission": {"name": "geolocation"},
                "setting": "denied" if latitude is None else "granted",
            },
        )
        if latitude is not None:
            self._websocket_request(
                "Emulation.setGeolocationOverride",
                params={"latitude": latitude, "longitude": longitude, "accuracy": 20},
            )

    def run(self, steps):
        """Run JavaScript in the page, with `$`, `kind` and the like; return what it returns."""
        answer = self._websocket_request(
            "Runtime.evaluate",
            params={
                "expression": f"(async () => {{ {STEPS} {steps} }})()",
                "awaitPromise": True,
                "returnByValue": True,
            },
            timeout=60,
        )
        if "exceptionDetails" in answer:
            self.take_screenshot().result(timeout=10)
            raise odoo_tests.ChromeBrowserException(answer["exceptionDetails"])
        return answer["result"].get("value")

    def until(self, what, condition):
        return self.run(f"await until({json.dumps(what)}, () => {condition});")

    def open(self):
        """Close the page, and open it again."""
        self.navigate_to("about:blank", wait_stop=True)
        self.navigate_to(self.test_case.base_url() + SCOPE)
        if not self._wait_ready("!!document.body.dataset.synced"):
            raise odoo_tests.ChromeBrowserException("the page does not open")

    def log_in(self, login):
        self.run(
            f"""
            const page = await (await fetch("/web/login")).text();
            const token = page.match(/name="csrf_token" value="([^"]+)"/)[1];
            const login = {json.dumps(login)};
            // As `new_test_user` makes them.
            const password = login.padEnd(8, "x");
            const body = new URLSearchParams({{ csrf_token: token, login, password }});
            const answer = await fetch("/web/login", {{ method: "POST", body }});
            if (answer.url.includes("/web/login")) {{ throw new Error(`no login as ${{login}}`); }}
            """
        )

    def _wait_code_ok(self, code, timeout, error_checker=None):
        self.error_checker = lambda message: False
        self.test_case._drive(self)


STEPS = """
    const $ = (id) => document.getElementById(id);
    const until = async (what, condition) => {
        for (let waited = 0; !(await condition()); waited += 50) {
            if (waited > 15000) { throw new Error(`waited too long for ${what}`); }
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    };
    const kind = (category) => document.querySelector(`#kinds [data-category=${category}]`).click();
    const button = (text) => [...document.querySelectorAll("button")].find(
        (node) => node.textContent.includes(text) && node.offsetParent);
    const waiting = () => Number(document.body.dataset.waiting);
    const sent = () => document.querySelector("li[data-state=sent]");
    const refusal = () => document.querySelector(
        "#waiting li[data-state=refused] .state")?.textContent || "";
    const add = async (input, ...files) => {
        const shown = $("photos").children.length;
        const faults = $("photo_errors").textContent;
        const list = new DataTransfer();
        files.forEach((file) => list.items.add(file));
        $(input).files = list.files;
        $(input).dispatchEvent(new Event("change"));
        await until("the file", () => $("photos").children.length > shown
            || $("photo_errors").textContent !== faults);
    };
    const photo = async (name, width, height) => {
        const canvas = document.createElement("canvas");
        Object.assign(canvas, { width, height });
        canvas.getContext("2d").fillRect(0, 0, width, height);
        return new File([await new Promise((resolve) => canvas.toBlob(resolve))], name,
            { type: "image/png" });
    };
"""


@tagged("post_install", "-at_install")
class TestFieldPhone(FieldCase):
    browser_size = "390x844"
    touch_enabled = True

    def _on_the_phone(self, steps, login="kpi_lan"):
        """Run steps, JavaScript or a function of the browser, on the page of who logs in."""
        self.steps = steps if callable(steps) else lambda phone: phone.run(steps)
        with patch.object(odoo_tests, "ChromeBrowser", PhoneBrowser):
            self.browser_js(
                SCOPE, "", ready="!!document.body.dataset.synced", login=login, timeout=90
            )

    def _drive(self, phone):
        """Run the steps with what may lie between a phone and Odoo: nothing, or a proxy."""
        answer = http.Application.__call__
        self.statuses = []

        def between(application, environ, start_response):
            if phone.is_offline:
                environ["wsgi.input"].read()
                environ["werkzeug.socket"].shutdown(SHUT_RDWR)
                raise ConnectionAbortedError("no network")
            if environ["PATH_INFO"] != f"{SCOPE}/send" or not self.statuses:
                return answer(application, environ, start_response)
            status = self.statuses.pop(0)
            if status == 502:
                list(answer(application, environ, lambda *_args, **_kw: None))
            start_response(f"{status} Down", [("Content-Type", "text/html")])
            return [b"<h1>Down</h1>"]

        with patch.object(http.Application, "__call__", between):
            self.steps(phone)

    def _proxy_answers(self, *statuses):
        """What the next sent records get: 503 instead of Odoo, 502 after Odoo has answered."""
        self.statuses[:] = statuses

    def test_two_taps(self):
        self._on_the_phone(
            """
            kind("visit");
            $("save").click();
            await until("the record", sent);
            """
        )
        record = self._records()
        self.assertEqual((len(record), record.category), (1, "visit"))
        self.assertLess(abs(record.date - datetime.utcnow()), timedelta(minutes=2))

    def test_two_taps_to_a_recent_customer(self):
        self._record(partner_id=self.customer.id, date=datetime.utcnow() - timedelta(days=3))
        self._on_the_phone(
            """
            button("Red River").click();
            $("save").click();
            await until("the record", () => document.querySelectorAll("li[data-state=sent]")[1]);
            """
        )
        record = self._records()[0]
        self.assertEqual((record.partner_id, record.category), (self.customer, "visit"))
        self.assertEqual(len(self._records()), 2)

    def test_network_cut_in_the_middle(self):
        """Kept with its own time, photo and file, and sent once, though two pages are open."""
        self._on_the_phone(self._cut_in_the_middle)
        record = self._records()
        self.assertEqual(len(record), 1)
        opened = datetime.fromisoformat(record.note)
        self.assertLessEqual(abs(record.date - opened), timedelta(seconds=1))
        self.assertGreater(datetime.utcnow() - record.date, timedelta(seconds=2))
        self.assertEqual(len(record.photo_ids), 1)
        self.assertEqual(self._files(record).mapped("name"), ["minutes.txt"])
        self.assertEqual(self._files(record).raw, b"axles")

    def _cut_in_the_middle(self, phone):
        phone.run(
            """
            const other = document.createElement("iframe");
            other.src = location.href;
            document.body.append(other);
            await until("the other page", () => other.contentDocument?.body?.dataset.synced);
            """
        )
        phone.network(False)
        phone.run(
            """
            kind("visit");
            $("note").value = new Date().toISOString().slice(0, 19);
            await add("photo", await photo("gate.png", 3000, 20));
            await add("file", new File(["axles"], "minutes.txt", { type: "text/plain" }));
            $("save").click();
            await until("what is kept", () => waiting() === 1);
            await until("the sentence", () => $("banner_text").textContent.includes("No network"));
            await new Promise((resolve) => setTimeout(resolve, 2500));
            """
        )
        phone.network(True)
        phone.run(
            """
            await until("it is sent", () => waiting() === 0 && $("banner").hidden);
            const other = document.querySelector("iframe").contentDocument;
            await until("the other page knows", () => other.body.dataset.waiting === "0");
            """
        )

    def test_opened_again_without_a_network(self):
        """The phone is switched off in between; the record arrives once, with its own time."""
        self._record(partner_id=self.customer.id, date=datetime.utcnow() - timedelta(days=3))
        self._on_the_phone(self._opened_offline)
        record = self._records()[0]
        self.assertEqual(len(self._records()), 2)
        opened = datetime.fromisoformat(record.note)
        self.assertLessEqual(abs(record.date - opened), timedelta(seconds=1))
        self.assertGreater(datetime.utcnow() - record.date, timedelta(seconds=2))

    def _opened_offline(self, phone):
        phone.run(
            """
            await until("the kept page", async () =>
                await (await caches.open("expat-kpi-field-1")).match("/expat-kpi/field"));
            """
        )
        phone.network(False)
        phone.open()
        phone.run(
            """
            await until("the sentence", () => $("banner_text").textContent.includes("No network"));
            button("Red River").click();
            $("note").value = new Date().toISOString().slice(0, 19);
            $("save").click();
            await until("what is kept", () => waiting() === 1);
            await new Promise((resolve) => setTimeout(resolve, 2000));
            """
        )
        phone.open()
        phone.until("what was kept", "waiting() === 1")
        phone.network(True)
        phone.until("it is sent", "waiting() === 0")
        phone.open()
        phone.until("it is there", "document.querySelectorAll('li[data-state=sent]').length === 2")

    def test_logged_out_meanwhile_and_another_logs_in(self):
        """What was kept is sent by the same login only, and seen by it only."""
        self._record(partner_id=self.customer.id, date=datetime.utcnow() - timedelta(days=3))
        self._on_the_phone(self._another_login)
        record = self._records()[0]
        self.assertEqual(record.note, "Container stuck")
        self.assertEqual(record.create_uid, self.lan.user_id)
        self.assertEqual(len(self._records()), 2)
        self.assertFalse(self._records(self.jonas))

    def _another_login(self, phone):
        http.root.session_store.delete(self.session)
        phone.run(
            """
            kind("incident");
            $("note").value = "Container stuck";
            $("save").click();
            await until("the way to log in", () => $("login").offsetParent);
            if (waiting() !== 1) { throw new Error("nothing is kept"); }
            """
        )
        nothing_of_lan = """
            const seen = document.body.innerText;
            for (const text of ["Lan", "Red River", "Incident ·", "Container"]) {
                if (seen.includes(text)) { throw new Error(`${text} of Lan is seen`); }
            }
            if (document.body.dataset.others !== "1") { throw new Error(seen); }
        """
        phone.log_in("kpi_jonas")
        phone.network(False)
        phone.open()
        phone.run(nothing_of_lan)
        phone.run('if (!$("unknown_login").offsetParent) { throw new Error("no sentence"); }')
        phone.network(True)
        phone.until("Jonas", '$("person").textContent === "Jonas"')
        phone.run(nothing_of_lan)
        phone.log_in("kpi_lan")
        phone.open()
        phone.until("it is sent", "waiting() === 0 && document.body.dataset.others === '0'")

    def test_who_logs_out_leaves_nothing_to_be_seen(self):
        self._record(partner_id=self.customer.id, date=datetime.utcnow() - timedelta(days=3))
        self._on_the_phone(self._log_out)
        self.assertEqual(self._records()[0].note, "Container stuck")

    def _log_out(self, phone):
        phone.network(False)
        phone.run(
            """
            kind("incident");
            $("note").value = "Container stuck";
            $("save").click();
            await until("what is kept", () => waiting() === 1);
            """
        )
        nothing_of_lan = """
            const seen = document.body.innerText;
            for (const text of ["Lan", "Red River", "Incident ·", "Container"]) {
                if (seen.includes(text)) { throw new Error(`${text} of Lan is seen`); }
            }
            const opening = indexedDB.open("expat-kpi-field", 1);
            await new Promise((resolve) => { opening.onsuccess = resolve; });
            const asked = opening.result.transaction("told").objectStore("told").getAll();
            await new Promise((resolve) => { asked.onsuccess = resolve; });
            if (asked.result.length) { throw new Error("it is still on the phone"); }
            if (document.body.dataset.others !== "1") { throw new Error(seen); }
        """
        phone.network(True)
        # From Odoo, as its menu does; the page is open meanwhile, and hears of it.
        phone.run(
            """
            await fetch("/web/session/logout", { redirect: "manual" });
            window.dispatchEvent(new Event("online"));
            await until("the way to log in", () => $("unknown_login").offsetParent);
            """
        )
        phone.run(nothing_of_lan)
        phone.network(False)
        phone.open()
        phone.run(nothing_of_lan)
        phone.network(True)
        phone.log_in("kpi_lan")
        phone.open()
        phone.until("it is sent", "waiting() === 0 && document.body.dataset.others === '0'")

    def test_a_server_that_is_down_is_tried_again(self):
        def steps(phone):
            self._proxy_answers(503, 500)
            phone.run(
                """
                kind("visit");
                $("save").click();
                await until("the sentence", () =>
                    $("banner_text").textContent.includes("does not answer properly"));
                await until("it is sent by itself", () => sent() && $("banner").hidden);
                """
            )
            self.assertFalse(self.statuses)

        self._on_the_phone(steps)
        self.assertEqual(len(self._records()), 1)

    def test_an_answer_that_is_lost_loses_no_later_edit(self):
        def steps(phone):
            self._proxy_answers(502, 503, 503, 503)
            phone.run(
                """
                kind("visit");
                $("note").value = "Before";
                $("save").click();
                await until("no answer", () => !$("banner").hidden && button("Edit"));
                button("Edit").click();
                await until("the sheet", () => $("entry").open);
                $("note").value = "After";
                $("save").click();
                await until("kept", () => waiting() === 1 && !$("entry").open);
                """
            )
            # In Odoo meanwhile.
            self._records().need = "Axles"
            self.env.flush_all()
            self.env.invalidate_all()
            self._proxy_answers()
            phone.until("it is sent", "waiting() === 0")

        self._on_the_phone(steps)
        self.assertRecordValues(self._records(), [{"note": "After", "need": "Axles"}])

    def test_photos_are_made_small_however_large_they_are(self):
        """30 MB off the camera arrive as some hundred kilobytes; what cannot be is told."""

        def steps(phone):
            size = phone.run(
                """
                kind("visit");
                const canvas = document.createElement("canvas");
                Object.assign(canvas, { width: 3000, height: 3600 });
                const context = canvas.getContext("2d");
                const image = context.createImageData(3000, 3600);
                for (let at = 0; at < image.data.length; at += 65536) {
                    crypto.getRandomValues(image.data.subarray(at, at + 65536));
                }
                for (let at = 3; at < image.data.length; at += 4) { image.data[at] = 255; }
                context.putImageData(image, 0, 0);
                const blob = await new Promise((resolve) => canvas.toBlob(resolve));
                await add("photo", new File([blob], "large.png", { type: "image/png" }));
                const faults = $("photo_errors");
                const junk = new Uint8Array(30 * 1024 * 1024);
                await add("photo", new File([junk], "junk.jpg", { type: "image/jpeg" }));
                if (!faults.textContent.includes("junk.jpg")) { throw new Error("junk"); }
                await add("photo", new File([junk], "IMG_1.HEIC"));
                if (!faults.textContent.includes("Most Compatible")) { throw new Error("heic"); }
                await add("file", new File([junk], "plan.pdf", { type: "application/pdf" }));
                if (!faults.textContent.includes("30 MB")) { throw new Error("30 MB"); }
                $("save").click();
                await until("the record", sent);
                return blob.size;
                """
            )
            self.assertGreater(size, 30 * 1024 * 1024)

        self._on_the_phone(steps)
        [photo] = self._records().photo_ids
        self.assertLess(len(base64.b64decode(photo.image)), 3 * 1024 * 1024)
        self.assertFalse(self._files(self._records()))

    def test_no_photos_where_the_policy_says_so(self):
        self._policy(use_photos=False)

        def steps(phone):
            phone.run(
                """
                kind("visit");
                if ($("add_photo").offsetParent) { throw new Error("it asks for a photo"); }
                await add("file", await photo("gate.png", 20, 20));
                if (!$("photo_errors").textContent.includes("no photos are kept")) {
                    throw new Error($("photo_errors").textContent);
                }
                $("save").click();
                await until("the record", sent);
                """
            )

        self._on_the_phone(steps)
        self.assertFalse(self._records().photo_ids)

    def test_position_after_a_tap_and_no_record_less_when_it_is_denied(self):
        self._policy()

        def steps(phone):
            phone.position(21.03, 105.85)
            phone.run(
                """
                kind("visit");
                $("save").click();
                await until("the record without consent", sent);
                $("notice_yes").click();
                await until("the consent", () => $("position_on").offsetParent);
                kind("visit");
                $("note").value = "Here";
                $("save").click();
                await until("two", () => document.querySelectorAll("li[data-state=sent]")[1]);
                """
            )
            phone.position()
            phone.run(
                """
                kind("visit");
                $("save").click();
                await until("the third", () => document.querySelectorAll("li[data-state=sent]")[2]);
                await until("the sentence", () => $("position_denied").offsetParent);
                """
            )

        self._on_the_phone(steps)
        self.assertEqual(self._records().sorted("id").mapped("has_place"), [False, True, False])
        self.assertAlmostEqual(self._records().place_ids.latitude, 21.03)

    def test_refused_is_told_and_stays_until_it_is_mended_or_removed(self):
        """A plan is closed while the phone is in the valley."""
        today = fields.Date.today()
        cycle = self.env["expat.kpi.cycle"].create(
            {
                "name": "Now",
                "date_from": fields.Date.subtract(today, days=3),
                "date_to": fields.Date.add(today, days=3),
                "company_id": self.company_a.id,
            }
        )
        plan = self.env["expat.kpi.plan"].create({"cycle_id": cycle.id, "employee_id": self.lan.id})
        plan._set_guarded({"state": "review"})
        self._on_the_phone(self._refused)
        record = self._records()
        self.assertEqual(record.note, "mended")
        self.assertLess(record.day, cycle.date_from)

    def _refused(self, phone):
        phone.run(
            """
            for (const note of ["to mend", "to remove"]) {
                kind("visit");
                $("note").value = note;
                $("save").click();
                await until("the refusal", () => refusal().includes("in review"));
            }
            await until("both", () => waiting() === 2);
            """
        )
        phone.open()
        phone.run(
            """
            if (waiting() !== 2 || !refusal().includes("in review")) { throw new Error("gone"); }
            window.confirm = () => true;
            document.querySelectorAll("#waiting li")[0].querySelector(".row :last-child").click();
            await until("it is removed", () => waiting() === 1);
            button("Edit").click();
            await until("the sheet", () => $("entry").open);
            const before = new Date(Date.now() - 6 * 86400000);
            $("date").value = before.toISOString().slice(0, 16);
            $("note").value = "mended";
            $("save").click();
            await until("it is sent", () => waiting() === 0 && sent());
            """
        )

    def test_a_kind_of_the_companys_own(self):
        """HR makes it in the list, it is a button on the phone, and a measure counts it."""
        kinds = self.env["expat.kpi.record.kind"].with_user(self.wang)
        with Form(kinds) as form:
            form.name = "Line audit"
            form.ask_need = False
        audit = form.save()
        self._on_the_phone(
            """
            const audit = () => [...document.querySelectorAll("#kinds button")].find(
                (node) => node.textContent === "Line audit");
            audit().click();
            if (!document.querySelector("[data-ask=need]").hidden) { throw new Error("need"); }
            $("save").click();
            await until("the record", () => sent()?.textContent.includes("Line audit"));
            audit().click();
            $("save").click();
            await until("two", () => document.querySelectorAll("li[data-state=sent]").length === 2);
            kind("visit");
            $("save").click();
            await until("three", () =>
                document.querySelectorAll("li[data-state=sent]").length === 3);
            """
        )
        self.assertEqual(len(self._records().filtered(lambda record: record.kind_id == audit)), 2)
        source = self.env.ref("expat_kpi_connectors.source_record")
        measure = self._measure(
            "line_audits",
            source,
            owner="employee_id",
            day="date",
            domain=f"[('kind_id', '=', {audit.id})]",
        )
        today = self._records()[0].day
        measure._refresh(fields.Date.subtract(today, days=1), fields.Date.add(today, days=1))
        self.assertFalse(measure.error)
        self.assertEqual(sum(self._sums(measure).values()), 2)
