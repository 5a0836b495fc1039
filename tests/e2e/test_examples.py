"""docs/examples.md is true: every URL, in the page's order, gives the page's line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest_twisted

from tests.e2e.centre import AGC, CRYSTAL, CUSTOMER, X5
from tests.e2e.hand import DOCUMENTS_THIRD
from tests.e2e.line import Line, commanded

PAGE = (Path(__file__).parents[2] / "docs" / "examples.md").read_text("utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLES = [pair.strip().split("\n", 1) for block in BLOCKS for pair in block.strip().split("\n\n")]
HOST = "http://127.0.0.1:8077"
PLACES = {
    "X.Y.Z": r"[-.\d]+",
    "YYYYMMDD-HHMMSS": r"\d{8}-\d{6}",
    "YYMMDD-HHMM": r"\d{6}-\d{4}",
    "YYYY-MM-DD HH:MM:SS": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
    "EPOCH": r"\d{10}",
    "KEY": r"[MVY]\d{19}",
    "CONFERENCE": r"8600[0-8]\d\d",
    "SERIAL": r"\d+",
    "BYTES": r"\d+",
    "DST": r"[01]",
    "ZONE": r"[\w/+-]+",
    "SYSTEM": r"\S.*",
    "HOST": r"\S+",
    "LOAD": r"\d+\.\d\d",
    "LIMIT": r"(?:-1|\d+M)",
}
"""What the page writes where the answer has a value of the moment."""


def pattern(line: str) -> str:
    """A line of the page as a regular expression."""
    shape = re.escape(line)
    for place, values in PLACES.items():
        # EPOCH with a colon is the label, not the value.
        shape = re.sub(f"{re.escape(re.escape(place))}(?!:)", lambda _found, values=values: values, shape)
    return shape


@pytest_twisted.ensureDeferred
async def test_every_url_of_the_page_gives_its_line(line: Line) -> None:
    await line.answer_after("", CUSTOMER)  # so many calls in a second are too many
    await line.duty()
    key, added = "", []
    for asked, wanted in EXAMPLES:
        reloads = line.log.count("reloaded: ")
        said = ordered(line, asked) if asked.startswith("$ ") else await shown(line, asked.replace("KEY", key))
        assert re.fullmatch(pattern(wanted) + "\n", said), (asked, wanted, said)
        if "The running daemon takes it up" in said:
            await line.until(lambda seen=reloads: line.log.count("reloaded: ") > seen, "reload")
        if " demo call " in asked:
            key = said.strip()
            await line.until_state("1028", "INCALL")
        await line.until(lambda: answered(line), "answer of whoever was called")
        if "LEAVE_3WAY_CALL" in asked:
            await line.rig.hang_up(DOCUMENTS_THIRD)
        if said.startswith("SUCCESS: lead added"):
            added.append(said.split("|")[3])
    for lead in added:  # so that the next search finds the documents' lead
        assert (await line.native("DELETE", f"/leads/{lead}")).code == 204


async def shown(line: Line, url: str) -> str:
    """What a browser shows, or where it is sent."""
    answer = await line.web.ask("GET", url.removeprefix(HOST))
    if "value=LAUNCH" in url:
        assert (answer.code, answer.header("Location") + "\n") == (302, answer.text), url
    else:
        assert answer.code == 200, url
    return answer.text


def ordered(line: Line, command: str) -> str:
    """What a command prints; the page has the folder of ``make demo``."""
    places = {"demo/agentd.toml": line.runtime["config"], "--dir demo": f"--dir {line.demo.folder}"}
    for place, real in places.items():
        command = command.replace(place, real)
    return commanded(command.removeprefix("$ agentd ").split())


async def answered(line: Line) -> bool:
    """Whether nobody is being called or asked any more: whoever reads the page waits for that, too."""
    return not any(
        session["state"] in {"DIALLING", "RINGING"}
        or any((call["third_party"] or {}).get("state") == "asked" for call in session["calls"])
        for session in await line.sessions()
    )


def test_the_page_has_the_documents_urls() -> None:
    asked = {url.removeprefix(HOST) for url, _ in EXAMPLES}
    for action in ("logoff", "mission", "pause", "online"):
        assert f"{CRYSTAL}?action={action}&agid=201" in asked
    assert f"{CRYSTAL}?action=login&agid=201&agext=501" in asked
    for path, user in ((AGC, "6666"), (X5, "101")):
        for function, value in {
            "external_pause": ("PAUSE", "RESUME"),
            "external_hangup": ("1",),
            "external_status": ("A",),
            "external_dial": ("7275551212&phone_code=1&search=YES&preview=NO&focus=YES",),
            "call_agent": ("CALL",),
            "logout": ("LOGOUT",),
            "park_call": ("PARK_CUSTOMER", "GRAB_CUSTOMER", "PARK_IVR_CUSTOMER", "GRAB_IVR_CUSTOMER"),
            "send_dtmf": ("QQQQ1234SQQQQQ6654P",),
            "recording": ("START", "STOP", "STATUS"),
            "transfer_conference": (
                "HANGUP_XFER",
                "HANGUP_BOTH",
                "BLIND_TRANSFER&phone_number=8500",
                "LEAVE_VM",
                "LOCAL_CLOSER&ingroup_choices=DEFAULTINGROUP",
                f"LOCAL_CLOSER&ingroup_choices=AGENTDIRECT&phone_number={user}",
                "LOCAL_CLOSER&ingroup_choices=SALESLINE",
                "DIAL_WITH_CUSTOMER&ingroup_choices=TEST_IN3&consultative=YES",
                "DIAL_WITH_CUSTOMER&phone_number=8500",
                "DIAL_WITH_CUSTOMER&phone_number=919998888112&dial_override=YES",
                "PARK_CUSTOMER_DIAL&ingroup_choices=TEST_IN3&consultative=YES",
                "LEAVE_3WAY_CALL",
            ),
        }.items():
            for one in value:
                who = f"source=test&user={user}&pass=1234&agent_user=1000"
                assert f"{path}?{who}&function={function}&value={one}" in asked
    who = "source=test&user=101&pass=1234&agent_user=1000"
    assert f"{X5}?{who}&function=recording&value=START&stage=_MIDCALL" in asked


def test_the_page_has_the_documents_urls_of_in_groups_and_remote_agents() -> None:
    asked = {url.removeprefix(HOST) for url, _ in EXAMPLES}
    for path, user in ((AGC, "6666"), (X5, "101")):
        who = f"{path}?source=test&user={user}&pass=1234&agent_user"
        for one in (
            "value=CHANGE&set_as_default=YES&blended=YES&ingroup_choices=+TEST_IN+SALESLINE+FAKE_IN+-",
            "value=REMOVE&blended=NO&ingroup_choices=+TEST_IN2+TEST_IN4+-",
            "value=ADD&blended=NO&ingroup_choices=+TEST_IN2+-",
        ):
            assert f"{who}=1000&function=change_ingroups&{one}" in asked
        transfer = "stage=INGROUPTRANSFER&ingroup_choices=DEFAULTINGROUP&value="
        for key in ("Y0316001655000402028", "KEY"):
            assert f"{who}=1028&function=ra_call_control&{transfer}{key}" in asked


def test_the_page_has_the_documents_urls_of_leads_and_dials() -> None:
    asked = {url.removeprefix(HOST) for url, _ in EXAMPLES}
    number, promise = "7275551212&phone_code=1", "callback_datetime=2012-01-25+12:00:00&callback_type=USERONLY"
    for path, user in ((AGC, "6666"), (X5, "101")):
        who = f"{path}?source=test&user={user}&pass=1234"
        for one in (
            "&function=webserver",
            "&function=st_login_log&value=876543&vendor_id=207",
            "&function=st_get_agent_active_lead&value=876543&vendor_id=207",
            f"&function=update_fields&agent_user={user}&vendor_lead_code=1234567&address1=",
            f"&function=set_timer_action&agent_user={user}&value=MESSAGE_ONLY&notes=test+message&rank=15",
        ):
            assert f"{who}{one}" in asked
        for one in (
            f"external_status&value=CALLBK&{promise}&callback_comments=callback+comments+go+here&qm_dispo_code=1234",
            f"external_dial&value={number}&search=YES&preview=NO&focus=YES&dial_prefix=88&group_alias=DEFAULT",
            "preview_dial_action&value=SKIP",
            f"external_add_lead&phone_number={number}&first_name=Bob&last_name=Smith=NO&dnc_check=YES",
            "webphone_url&value=DISPLAY",
            "webphone_url&value=LAUNCH",
        ):
            assert f"{who}&agent_user=1000&function={one}" in asked
    assert f"{X5}?source=test&user=101&pass=1234&agent_user=1000&function=pause_code&value=BREAK" in asked
