import base64
import binascii
import re

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.http import Controller, request, route
from odoo.tools import file_open

SCOPE = "/expat-kpi/field"
# Tells the page, which may open without a network, whose login this browser has now.
LOGIN_COOKIE = "expat_kpi_field"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LONGEST_TEXT = 4000
# Which fields are set by what the page sends
FIELDS = {
    "kind": ("kind_id",),
    "date": ("date", "date_solved"),
    "tz": ("device_tz",),
    "place": ("place",),
    "partner": ("partner_id",),
    "department": ("department_id",),
    "note": ("note",),
    "need": ("need",),
    "result": ("result",),
    "solved": ("is_solved", "date_solved"),
    "follow_up": ("date_follow_up",),
}
RECENT = 12


def set_login_cookie(uid):
    """Readable by the page; a number that is no secret, and grants nothing."""
    request.future_response.set_cookie(LOGIN_COOKIE, str(uid), path=SCOPE, samesite="Lax")


class FieldPage(Controller):
    """The page on the phone: a record in two taps, with or without a network.

    The page itself holds nobody's data, so that it may be kept on the phone: what it shows
    comes from `state`. Whatever arrives is checked here and by the models, under the rights
    of who is logged in. The routes that write take JSON, which no other site can send.
    """

    @route(SCOPE, type="http", auth="user", methods=["GET"], readonly=True)
    def page(self):
        if not request.env.user._is_internal():
            return request.redirect("/my")
        response = request.render("expat_kpi_connectors.field_page")
        response.headers["Cache-Control"] = "no-cache"
        set_login_cookie(request.env.uid)
        return response

    @route(f"{SCOPE}/worker.js", type="http", auth="public", methods=["GET"], readonly=True)
    def worker(self):
        with file_open("expat_kpi_connectors/controllers/field_worker.js") as file:
            content = file.read()
        return request.make_response(
            content,
            [
                ("Content-Type", "text/javascript"),
                ("Cache-Control", "no-cache"),
                # As far as the page, and nothing else of Odoo.
                ("Service-Worker-Allowed", SCOPE),
            ],
        )

    @route(f"{SCOPE}/state", type="jsonrpc", auth="user", readonly=True)
    def state(self):
        """What the page shows: kinds, customers, what holds, the last records."""
        env = request.env
        employee = env.user.employee_id
        records = env["expat.kpi.record"]
        own = [("employee_id", "=", employee.id)]
        latest = records.search(own, limit=50)
        policy = self._policy(employee)
        rules = policy._rules()
        return {
            "uid": env.uid,
            "name": env.user.name,
            "employee": bool(employee),
            "kinds": self._kinds(employee),
            "customers": [
                {"id": partner.id, "name": partner.display_name}
                for partner in self._customers(latest)
            ],
            "departments": [
                {"id": department.id, "name": department.display_name}
                # sudo: hr.department – names of the own company's departments are no secret
                for department in env["hr.department"]
                .sudo()
                .search([("company_id", "in", (False, employee.company_id.id))], limit=100)
            ],
            "results": [
                {"id": value, "name": label}
                for value, label in records._fields["result"]._description_selection(env)
            ],
            "largest": employee.company_id.sudo().expat_kpi_file_mb,
            "photos": rules.use_photos,
            "position": rules.use_position,
            "consent": bool(policy) and policy._has_consent(employee),
            "notice": policy.notice or "",
            "notice_version": policy.notice_version,
            "policy_id": policy.id,
            "country": policy.country_id.name or "",
            "recent": [self._told(record) for record in latest[:RECENT]],
        }

    def _policy(self, employee):
        """What holds where this person is posted now."""
        records = request.env["expat.kpi.record"]
        now = records.new({"employee_id": employee.id, "date": fields.Datetime.now()})
        place = (employee.company_id, now.posting_id.sudo().country_id)
        return request.env["expat.kpi.policy"]._by_place([place])[place]

    def _kinds(self, employee):
        kinds = request.env["expat.kpi.record.kind"].search(
            [("company_id", "in", (False, employee.company_id.id))]
        )
        return kinds.read(
            [
                "name",
                "category",
                "ask_partner",
                "ask_department",
                "ask_need",
                "ask_result",
                "ask_solved",
                "ask_photo",
            ],
            load="",
        )

    def _customers(self, latest):
        """Those visited last, then those of the person's own opportunities."""
        env = request.env
        found = latest.partner_id
        if env["crm.lead"].has_access("read"):
            leads = env["crm.lead"].search(
                [("user_id", "=", env.uid), ("partner_id", "!=", False)], limit=200
            )
            found |= leads.partner_id
        # A customer may be hidden from the person who visited it, by now.
        return found._filtered_access("read")[:100]

    @route(f"{SCOPE}/customers", type="jsonrpc", auth="user", readonly=True)
    def customers(self, text):
        """Customers by name, for who is not among the last ones."""
        text = text if isinstance(text, str) else ""
        partners = request.env["res.partner"].search(
            [("display_name", "ilike", text[:80]), ("partner_share", "=", True)], limit=20
        )
        return [{"id": partner.id, "name": partner.display_name} for partner in partners]

    @route(f"{SCOPE}/consent", type="jsonrpc", auth="user")
    def consent(self, policy_id, version, is_given):
        policy = self._policy(request.env.user.employee_id)
        if not policy or policy.id != policy_id:
            raise UserError(
                request.env._("Another policy holds by now. Load the page anew and read it.")
            )
        policy = policy.with_env(request.env)
        return policy.action_confirm(version) if is_given else policy.action_withdraw()

    # ------------------------------------------------------------------
    # What arrives
    # ------------------------------------------------------------------

    @route(f"{SCOPE}/send", type="jsonrpc", auth="user")
    def send(self, record):
        """Keep a record; the same one again is told as it is.

        :param record: `uuid`, `kind`, `date` (UTC, without zone), and what else is known;
            `changed`: what was edited on the phone after it may have arrived, by the same names
        :return: the record, and sentences on what was left out of it
        """
        env = request.env
        if not env.user.employee_id:
            raise UserError(env._("Your login belongs to no employee. Ask HR to link it to yours."))
        if not isinstance(record, dict):
            raise self._unreadable()
        if record.get("uid", env.uid) != env.uid:
            raise UserError(
                env._("This record was made by another login. Log in as that one to send it.")
            )
        values = self._values(record)
        kept, is_new = env["expat.kpi.record"]._receive(values)
        if not is_new and isinstance(changed := record.get("changed"), list):
            names = {field for name in changed for field in FIELDS.get(str(name), ())}
            kept._take_changes({name: values[name] for name in names & values.keys()})
        told = []
        if is_new and (position := record.get("position")):
            told += self._keep_position(kept, position)
        return {**self._told(kept), "is_new": is_new, "notices": told}

    def _keep_position(self, record, position):
        """A position that cannot be costs the position, not the record."""
        if not isinstance(position, dict):
            return []
        try:
            record._keep_position(
                position.get("latitude"), position.get("longitude"), position.get("accuracy")
            )
        except ValidationError as error:
            return [error.args[0]]
        return []

    def _values(self, sent):
        """What may be set by a phone, each of its own type."""
        records = request.env["expat.kpi.record"]
        result = sent.get("result") or False
        if result and result not in dict(records._fields["result"].selection):
            raise self._unreadable()
        values = {
            "client_uuid": self._uuid(sent.get("uuid")),
            "kind_id": self._id("expat.kpi.record.kind", sent.get("kind")),
            "date": records._moment(sent.get("date")),
            "device_tz": self._text(sent.get("tz"), 64),
            "place": self._text(sent.get("place"), 200),
            "partner_id": self._id("res.partner", sent.get("partner")),
            "department_id": self._id("hr.department", sent.get("department")),
            "note": self._text(sent.get("note")),
            "need": self._text(sent.get("need")),
            "result": result,
            "is_solved": bool(sent.get("solved")),
            "date_follow_up": self._day(sent.get("follow_up")),
        }
        if sent.get("solved"):
            values["date_solved"] = values["date"]
        if not values["kind_id"]:
            raise ValidationError(
                request.env._("The kind of this record does not exist any more. Choose another.")
            )
        return values

    def _unreadable(self):
        return ValidationError(request.env._("What was sent is no field record."))

    def _uuid(self, text):
        if not isinstance(text, str) or not UUID.fullmatch(text):
            raise self._unreadable()
        return text

    def _text(self, text, longest=LONGEST_TEXT):
        if not text:
            return False
        if not isinstance(text, str):
            raise self._unreadable()
        # The database takes no zero bytes, and no half of an emoji that was cut.
        text = text.replace("\0", "").encode("utf-8", "replace").decode()
        return text.strip()[:longest] or False

    def _day(self, text):
        if text and not isinstance(text, str):
            raise self._unreadable()
        try:
            return fields.Date.to_date(text) or False
        except (TypeError, ValueError) as error:
            raise self._unreadable() from error

    def _id(self, model, number):
        """A record that the person may see; one that is gone meanwhile is nothing."""
        if not number:
            return False
        if isinstance(number, bool) or not isinstance(number, int):
            raise self._unreadable()
        if number not in range(1, 2**31):
            return False
        if model == "hr.department":
            # sudo: hr.department – of the own company, as offered
            found = (
                request.env[model]
                .sudo()
                .search(
                    [
                        ("id", "=", number),
                        ("company_id", "in", (False, request.env.user.employee_id.company_id.id)),
                    ]
                )
            )
        else:
            found = request.env[model].search([("id", "=", number)])
        return found.id

    @route(f"{SCOPE}/photo", type="jsonrpc", auth="user")
    def photo(self, uuid, photo, name, image):
        """Keep a photo of a record that has arrived; the same one again is not kept twice.

        :param uuid: of the record
        :param photo: the photo's own identifier
        :param image: base64
        """
        record = self._arrived(uuid)
        request.env["expat.kpi.record.photo"]._receive(
            {
                "record_id": record.id,
                "client_uuid": self._uuid(photo),
                "name": self._text(name, 100) or "photo.jpg",
                "image": image,
            }
        )
        return True

    @route(f"{SCOPE}/file", type="jsonrpc", auth="user")
    def file(self, uuid, name, content):
        """Attach a file to a record that has arrived; the same one again is not kept twice.

        :param uuid: of the record
        :param content: base64
        """
        record = self._arrived(uuid)
        try:
            raw = base64.b64decode(content, validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise self._unreadable() from error
        if not raw:
            raise UserError(request.env._("The file is empty."))
        files = request.env["ir.attachment"]
        values = {
            "name": self._text(name, 100) or "file",
            "res_model": record._name,
            "res_id": record.id,
        }
        known = [(key, "=", value) for key, value in values.items()]
        kept, _is_photo = files._kept_of_record(raw)
        checksum = files._compute_checksum(kept)
        if not files.search_count([*known, ("checksum", "=", checksum)]):
            files.create({**values, "raw": raw})
        return True

    def _arrived(self, uuid):
        """The person's own record that a phone has sent."""
        env = request.env
        record = (
            env["expat.kpi.record"]
            .with_context(active_test=False)
            .search(
                [
                    ("employee_id", "=", env.user.employee_id.id),
                    ("client_uuid", "=", self._uuid(uuid)),
                ]
            )
        )
        if not record:
            raise UserError(env._("The record of this photo or file has not arrived."))
        return record

    def _told(self, record):
        return {
            "id": record.id,
            "uuid": record.client_uuid,
            "kind": record.kind_id.name,
            "customer": record.partner_name or "",
            "date": record.date.isoformat(),
            "asked": record.flag_count,
        }
