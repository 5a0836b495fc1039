"""What must never be, looked for in Asterisk by somebody who is not the daemon.

Two sources, neither of them the daemon's: the list of channels, and the events of bridges and of music in their order.
They are compared with what the daemon says: the sessions' snapshots, and the legs in the database that have no end.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.centre import Centre
from tests.e2e.hand import role_of
from tests.rig.observer import Message

LEFT = "86009"
"""The conferences of those who were left behind begin so."""

MOST_ROOMS = 20
LINES = ("SALESLINE", "TEST_IN2", "TEST_IN3", "TEST_IN4", "TRAINING_IN", "AGENTDIRECT")
_ANSWERED = {"connected", "held", "ivr", "third_party"}
_SOUNDS = frozenset({"Playback", "SayNumber"})
_ANNOUNCERS = ("CBAnn/", "CBRec/")


@dataclass
class Scene:
    """One moment: Asterisk's channels by unique id, the sessions, and the legs that the daemon has."""

    channels: dict[str, Message]
    sessions: list[dict[str, Any]]
    legs: dict[str, str]
    """Roles by unique id."""
    lines: list[dict[str, Any]]
    """The in-groups, each with its callers."""
    dialling: int
    """How many calls campaigns have made that nobody has answered."""

    def role(self, leg: str) -> str:
        return role_of(self.channels[leg])

    def does(self, leg: str) -> str:
        """The application of a channel; empty where there is no such channel."""
        return self.channels.get(leg, {}).get("Application", "")

    def inside(self, room: str, *roles: str) -> set[str]:
        """Who of these roles is in a conference."""
        return {
            leg
            for leg, channel in self.channels.items()
            if channel["Application"] == "ConfBridge" and channel["Exten"] == room and role_of(channel) in roles
        }

    def mates(self, leg: str) -> set[str]:
        """Who else is in the bridge of a channel."""
        bridge = self.channels[leg]["BridgeId"]
        return {other for other, channel in self.channels.items() if bridge and channel["BridgeId"] == bridge} - {leg}


@dataclass
class Watch:
    """Follows the bridges and the music from the first event on, and compares when it is asked to."""

    centre: Centre
    connected: set[str] = field(default_factory=set)
    """The channels of customers whose calls were asked to be connected with each other."""
    away: set[str] = field(default_factory=set)
    """Agents who do not come when they are called."""
    wrong: list[str] = field(default_factory=list)
    """What the events showed that must never be, even for a moment."""
    _seen: int = 0
    _music: set[str] = field(default_factory=set)
    _bridges: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def begin(self) -> None:
        """Begin with an Asterisk that has no channel."""
        self.centre.observer.forget()
        self._seen = 0

    # --- the events ------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Take note of what has happened since the last time."""
        events = self.centre.observer.events
        for event in events[self._seen :]:
            self._note(event)
        self._seen = len(events)

    def _note(self, event: Message) -> None:
        leg = event.get("Uniqueid", "")
        match event["Event"]:
            case "MusicOnHoldStart":
                self._music.add(leg)
            case "MusicOnHoldStop":
                self._music.discard(leg)
            case "BridgeEnter" if not event["Channel"].startswith(_ANNOUNCERS):
                if role_of(event) == "customer":
                    self._bridges[event["BridgeUniqueid"]].add(leg)
                    self._compare(event["BridgeName"], self._bridges[event["BridgeUniqueid"]])
            case "BridgeLeave":
                self._bridges[event["BridgeUniqueid"]].discard(leg)
            case "Hangup":
                self._music.discard(leg)

    def _compare(self, room: str, customers: set[str]) -> None:
        if len(customers) > 1 and not (room.startswith(LEFT) and customers <= self.connected):
            self.wrong.append(f"customers who were not connected heard each other in {room}: {sorted(customers)}")

    # --- a moment --------------------------------------------------------------------------------------------

    async def until_right(self, within: float = 10.0) -> None:
        """Wait until everything is as it should be, which it is as soon as it has come to rest."""
        found: list[str] = []

        async def look() -> bool:
            nonlocal found
            found = await self._look()
            return not found

        try:
            await self.centre.until(look, "rest", within)
        except AssertionError:
            shown = ("Channel", "Uniqueid", "ChannelStateDesc", "Context", "Exten", "Application", "BridgeId")
            there = [" ".join(each[name] for name in shown) for each in await self.centre.observer.channels()]
            raise AssertionError("\n".join([*found, "Asterisk has:", *there])) from None
        assert not self.wrong, self.wrong

    async def _look(self) -> list[str]:
        """What is wrong at a moment in which nothing moves."""
        before = await self.centre.observer.channels()
        sessions = await self.centre.sessions()
        lines = [await self._line(name) for name in LINES]
        campaigns = (await self.centre.native("GET", "/campaigns")).json()["campaigns"]
        dialling = sum(campaign["dialling"] for campaign in campaigns)
        rows = self.centre.rows("select id, role from legs where ended is null")
        after = await self.centre.observer.channels()
        self.follow()
        if _moving(before) != _moving(after):
            return ["it does not come to rest"]
        channels = {channel["Uniqueid"]: channel for channel in after}
        scene = Scene(channels, sessions, {row["id"]: row["role"] for row in rows}, lines, dialling)
        found = [*_ownerless(scene), *self._silent(scene), *_rooms(scene), *self._waiting_in_vain(scene)]
        found += _twice(scene)
        for session in sessions:
            found += [f"{session['agent']}: {what}" for what in _session(scene, session)]
        return found

    async def _line(self, name: str) -> dict[str, Any]:
        return (await self.centre.native("GET", f"/ingroups/{name}")).json()

    def _waiting_in_vain(self, scene: Scene) -> list[str]:
        """Callers who wait although an agent is there for them."""
        found = []
        for line in scene.lines:
            for caller in line["callers"]:
                fit = {one["agent"] for one in scene.sessions if _could_take(one, line["name"], caller)} - self.away
                if fit and caller["offered"] is None and not caller["consult"]:
                    found.append(f"{caller['number']} waits in {line['name']}, and {fit} are ready for him")
        return found

    def _silent(self, scene: Scene) -> list[str]:
        """Customers who hear neither somebody nor anything."""
        found = []
        for leg, channel in scene.channels.items():
            if scene.role(leg) != "customer" or channel["ChannelStateDesc"] != "Up":
                continue
            match scene.does(leg):
                case "ConfBridge":
                    heard = bool(scene.mates(leg)) or leg in self._music
                case "MusicOnHold":
                    heard = leg in self._music
                case does:
                    heard = does in {*_SOUNDS, "Dial", "AGI"}
            if not heard:
                found.append(f"customer {leg} is in silence: {scene.does(leg)} {channel['Context']}")
        return found


def _moving(channels: list[Message]) -> list[tuple[str, ...]]:
    return sorted(
        (channel["Uniqueid"], channel["Application"], channel["Exten"], channel["BridgeId"]) for channel in channels
    )


def leg_of(channel: str) -> str:
    """The leg to which a channel of ours belongs: of a consultation there are two halves, and one is the leg."""
    return channel.removesuffix("-2") if channel.count("-") == 3 else channel


# --- channels and their owners -------------------------------------------------------------------------------


def _ownerless(scene: Scene) -> list[str]:
    """Channels that are nobody's, legs that are no channel, and legs that neither a session nor a line has."""
    ours = {leg for leg in scene.channels if leg_of(leg) in scene.legs}
    strange = scene.channels.keys() - ours - _dialled(scene)
    found = [f"channel {scene.channels[leg]['Channel']} ({leg}) is nobody's" for leg in strange]
    owned = {leg["channel"] for session in scene.sessions for call in session["calls"] for leg in call["legs"]}
    dialled = 0
    for leg, role in scene.legs.items():
        if leg not in scene.channels:
            found.append(f"{role} {leg} has no channel")
        elif role in {"customer", "third"} and leg not in owned and not _goes_on(scene, leg):
            if role == "customer" and scene.channels[leg]["ChannelStateDesc"] != "Up":
                dialled += 1
            else:
                found.append(f"{role} {leg} is in no session, and does {scene.does(leg)}")
        elif role == "agent" and scene.channels[leg]["ChannelStateDesc"] == "Up" and scene.does(leg) != "ConfBridge":
            found.append(f"agent {leg} is in no conference, but in {scene.does(leg)}")
    if dialled != scene.dialling:
        found.append(f"campaigns dial {scene.dialling} calls, Asterisk {dialled}")
    return found


def _twice(scene: Scene) -> list[str]:
    """Calls that two agents have."""
    owners = Counter(call["id"] for session in scene.sessions for call in session["calls"])
    return [f"call {call} is {count} agents'" for call, count in owners.items() if count > 1]


def _could_take(session: dict[str, Any], ingroup: str, caller: dict[str, Any]) -> bool:
    """Whether an agent has nothing to do, and takes this caller's calls."""
    wanted = caller["wanted"] == session["agent"] if caller["wanted"] else ingroup in session["ingroups"]
    reachable = session["kind"] in {"remote", "on_hook"} or session["phone"]["attached"]
    return wanted and reachable and session["state"] == "READY"


def _dialled(scene: Scene) -> set[str]:
    """The channels that the dialplan has made for those who were sent on: the only ones of ours without our id."""
    dialling = {leg for leg in scene.channels if scene.does(leg) == "Dial"}
    left = {leg for leg in scene.legs if scene.channels.get(leg, {}).get("Exten", "").startswith(LEFT)}
    talking = {mate for leg in dialling | left for mate in scene.mates(leg)}
    names = {scene.channels[leg]["Channel"][:-1] for leg in talking}
    return {
        leg
        for leg, channel in scene.channels.items()
        if not leg.startswith("agd-")
        and (leg in talking or channel["Channel"][:-1] in names or (dialling and channel["ChannelStateDesc"] != "Up"))
    }


def _goes_on(scene: Scene, leg: str) -> bool:
    """Whether a leg without an agent waits in a line, or talks on with one other."""
    if scene.does(leg) == "ConfBridge":
        return scene.channels[leg]["Exten"].startswith(LEFT) and len(scene.mates(leg)) == 1
    return scene.does(leg) in {"MusicOnHold", "Dial", *_SOUNDS}


def _rooms(scene: Scene) -> list[str]:
    rooms = {channel["Exten"] for channel in scene.channels.values() if channel["Application"] == "ConfBridge"}
    return [f"there are {len(rooms)} conferences"] if len(rooms) > MOST_ROOMS else []


# --- sessions ------------------------------------------------------------------------------------------------


def _session(scene: Scene, session: dict[str, Any]) -> list[str]:
    """What an agent is told that is not so."""
    calls, consulted = session["calls"], session["consulted"]
    states = {call["state"] for call in calls}
    found = [f"call {call['id']}: {what}" for call in calls for what in _call(scene, call)]
    if session["state"] != _state(session, states):
        found.append(f"{session['state']} with calls in {sorted(states)}, consulted in {consulted}")
    if session["kind"] == "remote":
        return found + [what for call in calls for what in _remote(scene, call)]
    return found + _room(scene, session) + _monitors(scene, session)


def _remote(scene: Scene, call: dict[str, Any]) -> list[str]:
    """A remote agent and his customer are together, and nobody else is with them."""
    customer, agent = _leg(call, "customer"), call["agent_leg"]
    if customer in scene.channels and scene.mates(customer) == {agent}:
        return []
    return [f"call {call['id']} of a remote agent: {agent} is not with {customer}"]


def _room(scene: Scene, session: dict[str, Any]) -> list[str]:
    """Who is in an agent's conference and should not be, or should be and is not."""
    found = []
    room, calls, consulted = session["conference"], session["calls"], session["consulted"]
    phones = scene.inside(room, "agent")
    if len(phones) != session["phone"]["attached"]:
        found.append(f"{len(phones)} phones are in {room}, attached is {session['phone']['attached']}")
    customers = {_leg(call, "customer") for call in calls if call["state"] == "connected"}
    if len(customers) > 1:
        found.append("two customers at once")
    if scene.inside(room, "customer") != customers:
        found.append(f"customers {scene.inside(room, 'customer')} are in {room}, should be {customers}")
    thirds = {_third_inside(call) for call in calls} - {""}
    if consulted is not None:
        thirds |= {_third(scene, consulted["call_id"])}
    if scene.inside(room, "third") != thirds:
        found.append(f"third parties {scene.inside(room, 'third')} are in {room}, should be {thirds}")
    return found


def _state(session: dict[str, Any], states: set[str]) -> str:
    """The state that calls in these states make, or a lead before the agent."""
    if session["consulted"] is not None or states & _ANSWERED:
        return "INCALL"
    if states & {"dialling", "ringing"}:
        return "DIALLING"
    if states:
        return "WRAPUP"
    if session["preview"] is not None:
        return "PREVIEW"
    return session["state"] if session["state"] in {"PAUSED", "READY"} else "PAUSED or READY"


def _leg(call: dict[str, Any], role: str) -> str:
    return next((leg["channel"] for leg in call["legs"] if leg["role"] == role), "")


def _third_inside(call: dict[str, Any]) -> str:
    """The channel by which a call's third party is in its agent's conference: of a consultation the other half."""
    third = call["third_party"]
    if third is None:
        return ""
    if third["ingroup"] is not None:
        return f"{third['leg']}-2"
    return third["leg"] if third["state"] == "connected" else ""


def _third(scene: Scene, call_id: int) -> str:
    for session in scene.sessions:
        for call in session["calls"]:
            if call["id"] == call_id and call["third_party"] is not None:
                return call["third_party"]["leg"]
    return "nobody"


def _call(scene: Scene, call: dict[str, Any]) -> list[str]:
    """Where a customer should be and is not."""
    does = scene.does(_leg(call, "customer"))
    match call["state"]:
        case "held" if does != "MusicOnHold":
            return [f"held, and the customer is in {does!r}"]
        case "ivr" if does not in {"Playback", "AGI"}:
            return [f"in the IVR, and the customer is in {does!r}"]
        case "third_party" | "wrapping" if does:
            return [f"{call['state']}, and the customer is in {does!r}"]
    return []


def _monitors(scene: Scene, session: dict[str, Any]) -> list[str]:
    """Supervisors are those who are told, and heard only when they are to be."""
    room = session["conference"]
    there = [monitor["mode"] for monitor in session["monitors"] if monitor["since"] is not None]
    mark = f"AGENTD_SESSION={session['session_id']}\n"
    owned = [
        leg
        for leg, channel in scene.channels.items()
        if scene.role(leg) == "monitor" and mark in f"{channel['ChanVariable']}\n"
    ]
    found = []
    if len(scene.inside(room, "monitor")) != there.count("barge"):
        found.append(f"{scene.inside(room, 'monitor')} barge, {there} are told")
    if sum(scene.does(leg) == "ChanSpy" for leg in owned) != len(there) - there.count("barge"):
        found.append(f"{[scene.does(leg) for leg in owned]} listen, {there} are told")
    return found
