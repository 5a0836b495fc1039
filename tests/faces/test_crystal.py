"""Crystal's agent commands beyond their lines: who may send them, HTTP, and what a success promises."""

from __future__ import annotations

import re
from ipaddress import ip_network
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from agentd.core.effects import Ring
from agentd.core.errors import AgentdError
from agentd.core.model import SessionState
from agentd.core.records import SessionEnded, SessionStarted, StateEntered, UserSet
from agentd.core.settings import Settings
from agentd.dialects.crystal.actions import ACTIONS, FACE
from agentd.dialects.crystal.answers import ERRORS
from agentd.dialects.crystal.routes import Crystal
from agentd.dialects.crystal.settings import CrystalSettings
from agentd.http.addresses import TrustedProxies
from agentd.http.metrics import VerbMetrics
from agentd.http.policy import Policy
from tests.faces.house import House
from tests.faces.transcripts import FOLDER
from tests.http.memory import Memory

URL = "/cc3/writedialplane/agents_commands/agent_command.php"
OUTSIDE = "192.0.2.9"
FORBIDDEN = "Failed:1:invalid or missing parameters\n"


@pytest.fixture
def house(house: House) -> House:
    """A house with Crystal in it."""
    serve(house)
    return house


def serve(house: House, settings: CrystalSettings | None = None) -> House:
    for path, resource in Crystal(house.operations, settings).pages().items():
        house.mount(path, resource)
    return house


def secret_house() -> House:
    return serve(House(), CrystalSettings(secure=("4324221", "42")))


def test_every_error_has_its_line() -> None:
    assert ERRORS.missing(AgentdError) == []


DOCUMENTED = """
1: No such agent!
2: no such extension
3: Agent X not logged off!
4: Exten X is inuse by X
5: Agent X is already logged off!
6: unknown action
7: extension X did not answer
8: extension X is busy
9: extension X is not registered
10: PBX unavailable
0: OK login,X,X
0: OK logoff,X,X
0: OK mission,X,X
0: OK pause,X,X
0: OK online,X,X
"""


@pytest.mark.parametrize("line", DOCUMENTED.strip().splitlines())
def test_every_documented_line_is_in_the_transcripts(line: str) -> None:
    shape = re.sub(r"\bX\b", "[0-9*]+", re.escape(line).replace(r"\ ", " "))
    golden = (FOLDER / "crystal.txt").read_text().splitlines()
    assert any(re.fullmatch("< " + shape, found) for found in golden)


# --- who may -------------------------------------------------------------------------------------------------


def test_this_machine_needs_no_secret(house: House) -> None:
    assert house.get(URL, action="login", agid="1000", agext="502").text == "0: OK login,1000,502\n"
    assert house.get(URL, "::1", action="pause", agid="1000").text == "0: OK pause,1000,502\n"


@pytest.mark.parametrize("secure", [None, "", "4", "43242211", "wrong", "4324221,42", "\n42"])
def test_others_need_the_secret(secure: str | None) -> None:
    house = secret_house()
    more = {} if secure is None else {"secure": secure}
    answer = house.get(URL, OUTSIDE, action="login", agid="1000", agext="502", **more)
    assert (answer.status, answer.text) == (200, FORBIDDEN)
    assert house.switch.asked == []


@pytest.mark.parametrize("secure", ["4324221", "42"])
def test_any_of_the_secrets_will_do(secure: str) -> None:
    house = secret_house()
    answer = house.get(URL, OUTSIDE, action="login", agid="1000", agext="502", secure=secure)
    assert answer.text == "0: OK login,1000,502\n"


def test_without_a_configured_secret_there_is_none_that_opens(house: House) -> None:
    for secure in ("", "42", "None"):
        assert house.get(URL, OUTSIDE, action="pause", agid="1000", secure=secure).text == FORBIDDEN
    empty = serve(House(), CrystalSettings(secure=("",)))
    assert empty.get(URL, OUTSIDE, action="pause", agid="1000", secure="").text == FORBIDDEN


def test_a_network_may_be_trusted() -> None:
    house = serve(House(), CrystalSettings(no_secret=(ip_network("192.0.2.0/24"),)))
    assert house.get(URL, OUTSIDE, action="login", agid="1000", agext="502").text == "0: OK login,1000,502\n"
    assert house.get(URL, "198.51.100.1", action="pause", agid="1000").text == FORBIDDEN


def test_an_unknown_proxy_on_this_machine_is_not_this_machine(house: House) -> None:
    target = f"{URL}?action=login&agid=1000&agext=502"
    for header in ("X-Forwarded-For", "Forwarded"):
        assert house.ask(target, headers={header: "127.0.0.1"}).text == FORBIDDEN
    known = serve(House(policy=Policy(proxies=TrustedProxies(["127.0.0.1"]))))
    assert known.ask(target, headers={"X-Forwarded-For": OUTSIDE}).text == FORBIDDEN


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Referer": "https://evil.example/page"},
    ],
)
def test_another_sites_page_is_refused(house: House, headers: dict[str, str]) -> None:
    answer = house.ask(f"{URL}?action=login&agid=1000&agext=502", headers=headers)
    assert answer.status == 403
    assert house.switch.asked == []


def test_the_secret_is_never_logged() -> None:
    house = secret_house()
    with Memory(house.root) as logs:
        house.get(URL, OUTSIDE, action="login", agid="1000", agext="502", secure="4324221")
        house.get(URL, OUTSIDE, action="login", agid="1000", agext="502", secure="4324229")
        logged = logs.logged_text()
    assert "agent_command.php" in logged
    assert "432422" not in logged + repr(house.journal.entries)


# --- HTTP ----------------------------------------------------------------------------------------------------


def test_a_form_does_the_same(house: House) -> None:
    assert house.post(URL, action="login", agid="1000", agext="502").text == "0: OK login,1000,502\n"


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
def test_other_methods_do_nothing(house: House, method: str) -> None:
    answer = house.ask(f"{URL}?action=login&agid=1000&agext=502", method)
    assert answer.status == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert house.switch.asked == []


def test_what_is_not_there_is_not_found(house: House) -> None:
    assert house.ask("/cc3/writedialplane/agents_commands/other.php").status == 404
    assert house.ask("/cc3/writedialplane/agents_commands/").status == 404


def test_what_is_asked_is_counted_and_noted() -> None:
    registry = CollectorRegistry()
    house = House()
    crystal = Crystal(house.operations, metrics=VerbMetrics(registry, {FACE: ACTIONS}, ("done", "refused")))
    house.mount(*next(iter(crystal.pages().items())))
    with Memory(house.root) as logs:
        house.get(URL, action="login", agid="1000", agext="502")
        house.get(URL, action="login", agid="1000", agext="502")
        house.get(URL, action="dance", agid="1000")
        [first, *_] = logs.access()
    count = registry.get_sample_value
    assert count("agentd_requests_total", {"face": FACE, "verb": "login", "result": "done"}) == 1
    assert count("agentd_requests_total", {"face": FACE, "verb": "login", "result": "refused"}) == 1
    assert count("agentd_requests_total", {"face": FACE, "verb": "other", "result": "refused"}) == 1
    assert (first["action"], first["agent"]) == ("login", "1000")


# --- what a success promises ---------------------------------------------------------------------------------


def test_a_login_is_answered_when_the_phone_has_answered(house: House) -> None:
    exchange = house.send(f"{URL}?action=login&agid=1000&agext=502")
    assert not exchange.answered
    assert "1000" not in house.state.sessions
    house.until(lambda: exchange.answered)
    assert house.session().attached


def test_a_client_that_leaves_does_not_stop_the_login() -> None:
    registry, house = CollectorRegistry(), House()
    metrics = VerbMetrics(registry, {FACE: ACTIONS}, ("done", "refused"))
    for path, resource in Crystal(house.operations, metrics=metrics).pages().items():
        house.mount(path, resource)
    exchange = house.send(f"{URL}?action=login&agid=1000&agext=502")
    exchange.leave()
    house.advance(1)
    assert house.session().attached
    logins = {"face": FACE, "verb": "login", "result": "done"}
    assert registry.get_sample_value("agentd_requests_total", logins) == 1


def test_a_logoff_while_the_phone_rings_cancels_the_login(house: House) -> None:
    login = house.send(f"{URL}?action=login&agid=1000&agext=521")
    house.advance(1)
    assert house.get(URL, action="pause", agid="1000").text == "5: Agent 1000 is already logged off!\n"
    assert house.get(URL, action="login", agid="1000", agext="502").text == "3: Agent 1000 not logged off!\n"
    assert house.get(URL, action="login", agid="1001", agext="521").text == "4: Exten 521 is inuse by 1000\n"
    assert house.get(URL, action="logoff", agid="1000").text == "0: OK logoff,1000,521\n"
    assert login.answer.text == "5: Agent 1000 is already logged off!\n"
    house.advance(1)
    assert house.switch.channels == {}
    assert house.get(URL, action="login", agid="1000", agext="502").text == "0: OK login,1000,502\n"


def test_the_session_of_a_user_who_was_deleted_can_still_be_ended(house: House) -> None:
    house.log_in()
    house.change(UserSet("1000", None))
    assert house.get(URL, action="pause", agid="1000").text == "0: OK pause,1000,502\n"
    assert house.get(URL, action="login", agid="1000", agext="502").text == "1: No such agent!\n"
    assert house.get(URL, action="logoff", agid="1000").text == "0: OK logoff,1000,502\n"
    assert "1000" not in house.state.sessions
    assert house.get(URL, action="logoff", agid="1000").text == "1: No such agent!\n"


def test_a_mission_counts_as_productive_and_the_face_is_known(house: House) -> None:
    house.get(URL, action="login", agid="1000", agext="502")
    house.get(URL, action="mission", agid="1000")
    assert house.records(StateEntered)[-1].productive
    house.get(URL, action="pause", agid="1000")
    assert not house.records(StateEntered)[-1].productive
    house.get(URL, action="logoff", agid="1000")
    assert (house.records(SessionStarted)[-1].source, house.records(SessionEnded)[-1].source) == ("crystal", "crystal")


def test_the_queues_of_crystal_need_no_disposition(house: House) -> None:
    house.log_in("201", "501", "2000")
    house.talk(agent="201")
    house.customer_leaves("201")
    assert house.session("201").state is SessionState.PAUSED


def test_full_is_unavailable() -> None:
    full = serve(House(settings=Settings(default_campaign="TESTCAMP", max_sessions=1)))
    assert full.get(URL, action="login", agid="1000", agext="502").text == "0: OK login,1000,502\n"
    assert full.get(URL, action="login", agid="1001", agext="503").text == "10: PBX unavailable\n"
    one_room = Settings(default_campaign="TESTCAMP", conference_first=8600051, conference_last=8600051)
    rooms = serve(House(settings=one_room))
    assert rooms.get(URL, action="login", agid="1000", agext="502").text == "0: OK login,1000,502\n"
    assert rooms.get(URL, action="login", agid="1001", agext="503").text == "10: PBX unavailable\n"


# --- anything ------------------------------------------------------------------------------------------------

LINE = re.compile(r"(0: OK (login|logoff|mission|pause|online),[^\r\n<>&|]*|([1-9]|10): [^\r\n<>&|]+)\n")
words = st.one_of(st.sampled_from(["1000", "1001", "502", "521", "523", "", "\r\n", "<b>", "|"]), st.text(max_size=30))
actions = st.one_of(st.sampled_from(["login", "logoff", "mission", "pause", "online"]), st.text(max_size=10))
asked = st.tuples(actions, words, words, st.floats(0, 30))


@settings(max_examples=60, deadline=None)
@given(st.lists(asked, min_size=1, max_size=12))
def test_one_line_for_everything(requests):
    house = serve(House())
    for action, agent, extension, pause in requests:
        answer = house.ask(f"{URL}?{urlencode({'action': action, 'agid': agent, 'agext': extension})}")
        assert answer.status == 200
        assert LINE.fullmatch(answer.text), answer.text
        house.advance(pause)
    for effect in house.switch.asked:
        if isinstance(effect, Ring):
            assert re.fullmatch(r"PJSIP/[0-9x]{3,7}", effect.resource)
