"""Golden transcripts: what a client sends, and byte for byte what it gets back.

A file in ``golden/`` holds scenes, each in a house of its own:

    == what the scene shows
    ! a stage direction (see :data:`DIRECTIONS`)
    > the request, with or without its method
    < the whole answer but its last newline; see :func:`_expected` for what stands in braces
    = what must be true now (see :data:`FACTS`)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs

from agentd.core.effects import Ring, SendDigits, SendOut
from agentd.core.model import (
    CallState,
    DialMethod,
    Phone,
    PlaceKind,
    PreviewRule,
    RecordingRule,
    SessionState,
    Status,
    UserGroup,
)
from agentd.core.records import (
    CallDisposed,
    CallEnded,
    LeadCreated,
    PhoneSet,
    RecordingStarted,
    StatusReplaced,
    StatusSet,
    UserGroupSet,
    UserSet,
)
from agentd.engine.clock import local_time
from agentd.engine.ports import Activity
from tests.faces.house import House
from tests.faces.people import campaign
from tests.faces.scripted import Fate

FOLDER = Path(__file__).parent / "golden"
WRAPUP = {"unlimited": None, "none": 0}


@dataclass
class Scene:
    """One scene: its name, and its lines as (mark, text)."""

    name: str
    lines: list[tuple[str, str]] = field(default_factory=list)


def scenes(name: str) -> list[Scene]:
    """Read all scenes of a file."""
    found: list[Scene] = []
    for line in (FOLDER / name).read_text().splitlines():
        if line.startswith("=="):
            found.append(Scene(line[2:].strip()))
        elif line and not line.startswith("#"):
            found[-1].lines.append((line[0], line[1:].removeprefix(" ")))
    return found


# --- stage directions ----------------------------------------------------------------------------------------

_CHOICES = {"recording": RecordingRule, "dial_method": DialMethod, "preview": PreviewRule, "manual_list": int}
_LISTS = {"dial_statuses"}


def _campaign(house: House, name: str, *settings: str) -> None:
    changes: dict[str, object] = {}
    for setting in settings:
        key, _, value = setting.partition("=")
        if key == "wrapup":
            changes[key] = WRAPUP[value] if value in WRAPUP else int(value)
        elif key in _CHOICES:
            changes[key] = _CHOICES[key](value)
        elif key in _LISTS:
            changes[key] = tuple(value.split("+"))
        else:
            changes[key] = value == "yes" if value in {"yes", "no"} else value
    house.change_campaign(replace(campaign(name), **changes))


def _fate(house: House, resource: str, fate: str) -> None:
    house.switch.fates[resource] = Fate[fate]


def _take_dial_string(house: House, extension: str) -> None:
    house.change(PhoneSet(extension, Phone(extension, "")))


def _webphone(house: House, extension: str, url: str = "") -> None:
    house.change(PhoneSet(extension, replace(house.state.phones[extension], webphone_url=url)))


def _group(house: House, name: str, group: str, *addresses: str) -> None:
    """The user is of that group, which may ask from these addresses alone."""
    house.change(UserGroupSet(group, UserGroup(group, addresses=addresses)))
    house.change(UserSet(name, replace(house.state.users[name], group=group)))


def _plan(house: House, activity: str, number: str, code: str = "", account: str = "") -> None:
    """A CRM has planned a call."""
    house.store.planned[activity] = Activity(activity, number, code, account)


def _use_up(house: House, kind: str) -> None:
    """The last id of that kind is given, and the database gives no more."""
    house.engine.world.state.blocks[kind] = []


def _take_phone(house: House, extension: str) -> None:
    house.change(PhoneSet(extension, None))


def _ivr_ends(house: House, agent: str) -> None:
    """The prompt is over, and the customer comes back by himself."""
    house.switch.answer(house.call(agent).leg, house.session(agent).conference)


def _at(house: House, day: str, time: str) -> None:
    """It is that day and time (local, MM-DD HH:MM:SS), as soon as that comes."""
    now = local_time(house.now).replace(tzinfo=None)
    wanted = datetime.strptime(f"{now.year}-{day} {time}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - local, like the keys
    if wanted < now:
        wanted = wanted.replace(year=now.year + 1)
    house.advance(wanted.timestamp() - house.now)


def _caller_leaves(house: House, ingroup: str) -> None:
    """Who has waited for longest in that line hangs up."""
    waiting = [each for each in house.state.waiting.values() if each.ingroup == ingroup]
    house.switch.hang_up(min(waiting, key=lambda each: each.since).leg)


def _rights(house: House, name: str, *rights: str) -> None:
    house.change(UserSet(name, replace(house.state.users[name], rights=frozenset(rights))))


DIRECTIONS: dict[str, Callable[..., object]] = {
    "at": _at,
    "log-in": lambda house, agent, phone="", campaign="": house.log_in(agent, phone, campaign),
    "pause": lambda house, agent, code="": house.wait_for(house.operations.pause(agent, code)),
    "dial": lambda house, agent, number: house.dial(number, agent),
    "talk": lambda house, agent, number="7275551212": house.talk(number, agent),
    "talk-lead": lambda house, agent, lead: house.talk("", agent, lead_id=int(lead)),
    "resume": lambda house, agent: house.wait_for(house.operations.resume(agent)),
    "dispose": lambda house, agent, status: house.wait_for(house.operations.dispose(agent, status)),
    "call-in": lambda house, ingroup, number="7275559876": house.call_in(ingroup, number),
    "take": lambda house, agent, ingroup, number="7275559876": house.take(agent, ingroup, number),
    "caller-leaves": _caller_leaves,
    "hang-up": lambda house, agent: house.wait_for(house.operations.hang_up(agent)),
    "customer-leaves": lambda house, agent: house.customer_leaves(agent),
    "phone-lost": lambda house, agent: house.phone_lost(agent),
    "wait": lambda house, seconds: house.advance(float(seconds)),
    "link-down": lambda house: house.link_down(),
    "link-up": lambda house: house.link_up(),
    "journal-full": lambda house: setattr(house.journal, "full", True),
    "database-away": lambda house: setattr(house.store, "away", True),
    "deaf": lambda house: setattr(house.switch, "deaf", True),
    "refuses-hangups": lambda house, *why: setattr(house.switch, "refusal", " ".join(why)),
    "draining": lambda house: setattr(house.engine, "draining", True),
    "campaign": _campaign,
    "fate": _fate,
    "no-dial-string": _take_dial_string,
    "no-phone": _take_phone,
    "ivr-ends": _ivr_ends,
    "rights": _rights,
    "webphone": _webphone,
    "group": _group,
    "plan": _plan,
    "use-up": _use_up,
    "not-to-call": lambda house, number, campaign="": house.store.not_to_call.add((campaign, number)),
    "status": lambda house, code, *flags: house.change(StatusSet(code, Status(code, 99, **dict.fromkeys(flags, True)))),
    "database-back": lambda house: setattr(house.store, "away", False),
}


# --- facts ---------------------------------------------------------------------------------------------------


def _state(house: House, agent: str, *expected: str) -> None:
    if expected == ("logged", "off"):
        assert agent not in house.state.sessions
        return
    session = house.session(agent)
    state, *code = expected
    assert session.state is SessionState(state)
    if code:
        assert [session.code] == code


def _after(house: House, agent: str, kind: str, code: str = "") -> None:
    after = house.session(agent).after
    assert after is not None
    assert (after.kind, after.code) == (kind, code)


def _disposed(house: House, status: str) -> None:
    records = [*house.records(CallDisposed), *house.records(StatusReplaced)]
    assert [record.status for record in records][-1] == status


def _ended(house: House, cause: str, by: str) -> None:
    last = house.records(CallEnded)[-1]
    assert (last.cause, last.hung_up_by) == (int(cause), by)


def _rung(house: House, resource: str, times: str = "1") -> None:
    assert house.switch.rung().count(resource) == int(times), house.switch.rung()


def _third(house: House, agent: str, number: str) -> None:
    call = house.call(agent)
    assert (call.third_number if call.third else "none") == number


def _digits(house: House, digits: str) -> None:
    sent = [effect.digits for effect in house.switch.asked if isinstance(effect, SendDigits)]
    assert (sent or ["none"])[-1] == digits


def _shown(house: House, resource: str, caller_id: str) -> None:
    """Whose number the one who was rung last saw."""
    rings = [effect for effect in house.switch.asked if isinstance(effect, Ring | SendOut)]
    assert (rings[-1].resource, rings[-1].caller_id) == (resource, caller_id)


def _recorded(house: House, agent: str, count: str) -> None:
    running = [each for each in house.state.recordings.values() if each.agent == agent]
    assert len(running) == int(count)


def _line(house: House, ingroup: str, count: str) -> None:
    waiting = [each for each in house.state.waiting.values() if each.ingroup == ingroup]
    assert len(waiting) == int(count)


def _ingroups(house: House, agent: str, *names: str) -> None:
    assert house.session(agent).ingroups == names


def _default(house: House, agent: str, *names: str) -> None:
    assert house.state.users[agent].ingroups == names


def _promised(house: House, lead: str, *expected: str) -> None:
    """What was promised to the lead and is not kept: the day, the time (local), whose it is, and the comments."""
    waiting = [row for row in house.store.callback_table.values() if row.status == "waiting"]
    found = [
        " ".join((local_time(row.due).strftime("%Y-%m-%d %H:%M:%S"), row.user or "ANYONE", row.comments)).strip()
        for row in waiting
        if row.lead_id == int(lead)
    ]
    assert found == ([" ".join(expected)] if expected else [])


def _field(house: House, lead: str, name: str, *value: str) -> None:
    """What the database has of a lead."""
    row = house.store.lead_table[int(lead)]
    found = row.fields.get(name, "") if name not in {"phone_number", "phone_code", "list_id"} else getattr(row, name)
    assert str(found) == " ".join(value)


def _timer(house: House, agent: str, kind: str, seconds: str = "0", *message: str) -> None:
    timer = house.session(agent).timer
    if kind == "none":
        assert timer is None
        return
    assert timer is not None
    assert (timer.kind, timer.seconds, timer.message) == (kind, int(seconds), " ".join(message))


def _preview(house: House, agent: str, lead: str) -> None:
    request = house.session(agent).preview
    found = request.lead.id if request is not None and request.lead is not None else "none"
    assert str(found) == lead


FACTS: dict[str, Callable[..., None]] = {
    "state": _state,
    "after": _after,
    "disposed": _disposed,
    "ended": _ended,
    "rung": _rung,
    "shown": _shown,
    "call": lambda house, agent, state: _equal(house.call(agent).state, CallState(state)),
    "customer": lambda house, agent, place: _equal(
        house.state.legs[house.call(agent).leg].place.kind, PlaceKind(place)
    ),
    "third": _third,
    "digits": _digits,
    "recorded": _recorded,
    "line": _line,
    "ingroups": _ingroups,
    "default": _default,
    "blended": lambda house, agent, yes: _equal(house.session(agent).blended, yes == "yes"),
    "suggested": lambda house, agent, status: _equal(house.call(agent).suggested_status, status),
    "calls": lambda house, agent, count: _equal(len(house.session(agent).calls), int(count)),
    "promised": _promised,
    "field": _field,
    "timer": _timer,
    "preview": _preview,
    "custom": lambda house, user, key, value: _equal(house.state.users[user].custom.get(key, ""), value),
    "code": lambda house, code: _equal(house.records(CallDisposed)[-1].code, code),
    "listed": lambda house, number, campaign="": _equal((campaign, number) in house.store.not_to_call, True),
    "waiting": lambda house, agent, *numbers: _equal([each.number for each in house.session(agent).queue], [*numbers]),
}


def _equal(found: object, expected: object) -> None:
    assert found == expected


# --- playing -------------------------------------------------------------------------------------------------


def play(house: House, scene: Scene, path: Callable[[str], str] = lambda target: target) -> None:
    """Play one scene; ``path`` may put the requests on another path."""
    sent, expected = "", []
    for mark, text in [*scene.lines, ("", "")]:
        if mark == "<":
            expected.append(text)
            continue
        if expected:
            _exchange(house, path(sent), expected)
            expected = []
        if mark == ">":
            sent = text
        elif mark == "!":
            name, *words = text.split()
            DIRECTIONS[name](house, *words)
        elif mark == "=":
            name, *words = text.split()
            FACTS[name](house, *words)


def _exchange(house: House, request: str, expected: list[str]) -> None:
    method, _, target = request.rpartition(" ")
    key = _call_key(house, target)
    answer = house.ask(target.replace("{key}", key), method or "GET")
    text = "\n".join(expected).replace("{key}", key)
    body = _expected(house, text, key if target.startswith("/x5/") else "") + "\n"
    assert answer.text == body, request
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def _call_key(house: House, target: str) -> str:
    """The key of the newest call that the agent had when he was asked about."""
    session = house.state.sessions.get(parse_qs(target.partition("?")[2]).get("agent_user", ["1000"])[-1])
    return house.state.calls[session.calls[-1]].key if session and session.calls else ""


def _expected(house: House, text: str, key: str) -> str:
    """Fill in what no transcript can know.

    ``{now}``: the epoch second. ``{new-lead}``: the id of the newest lead that was made. ``{|key}``: on the later
    document's path a bar and the call's key (``{key}``, which may stand in a request, too, is that key alone).
    ``{recording}`` and ``{started}``: id and name of the newest recording, and its start.
    """
    text = text.replace("{now}", str(int(house.now))).replace("{|key}", f"|{key}" if key else "")
    if "{new-lead}" in text:
        text = text.replace("{new-lead}", str(house.records(LeadCreated)[-1].lead.id))
    if "{recording}" in text:
        newest = max(house.state.recordings.values(), key=lambda each: each.id)
        text = text.replace("{recording}", f"{newest.id}|{newest.name}")
        [at] = [
            entry.at
            for entry in house.journal.entries
            if isinstance(entry.record, RecordingStarted) and entry.record.recording_id == newest.id
        ]
        text = text.replace("{started}", local_time(at).strftime("%Y-%m-%d %H:%M:%S"))
    return text
