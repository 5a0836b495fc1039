"""What Prometheus is told of the daemon itself."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry

from agentd.core import commands as c
from agentd.core.model import MonitorMode
from agentd.core.records import InGroupSet
from agentd.http.gauges import Figures, Gauges
from agentd.http.health import PartState, State
from tests.faces.house import House
from tests.faces.people import LEADS, campaign


class Parts:
    """A daemon whose link to the PBX is as it is said to be."""

    link = State.UP

    def parts(self) -> Mapping[str, PartState]:
        return {"pbx_link": PartState(self.link), "database": PartState(State.DEGRADED, essential=False)}


FIGURES = Figures(
    behind=None,
    rejected=0,
    journal_full=False,
    journal_free=1 << 20,
    link_lag=0.0,
    link_backlog=0,
    link_events=0,
    link_late=0,
    link_handler_errors=0,
    repairs={"legs_ended": 0, "phones_lost": 0},
    recordings_failed=0,
    recordings_removed=0,
    digits_dropped=0,
)


def gauges(house: House, parts: Parts | None = None, figures: Callable[[], Figures] = lambda: FIGURES) -> Gauges:
    return Gauges(house.world, parts or Parts(), figures, lambda: house.now)


def test_the_page_tells_what_is_at_the_moment() -> None:
    house, parts, registry = House(), Parts(), CollectorRegistry()
    registry.register(gauges(house, parts))
    value = registry.get_sample_value
    assert value("agentd_sessions", {"state": "INCALL"}) == 0
    house.log_in()
    house.talk()
    house.log_in("1001", "505")
    house.phone_lost("1001")
    parts.link = State.DOWN
    assert value("agentd_sessions", {"state": "INCALL"}) == 1
    assert value("agentd_sessions", {"state": "PAUSED"}) == 1
    assert value("agentd_calls", {"state": "connected"}) == 1
    assert value("agentd_calls", {"state": "wrapping"}) == 0
    assert value("agentd_phones_lost") == 1
    assert value("agentd_part_up", {"part": "pbx_link"}) == 0
    assert value("agentd_part_up", {"part": "database"}) == 0
    parts.link = State.UP
    assert value("agentd_part_up", {"part": "pbx_link"}) == 1


def test_the_page_tells_what_the_parts_have_counted() -> None:
    now, registry = [FIGURES], CollectorRegistry()
    registry.register(gauges(House(), figures=lambda: now[0]))
    value = registry.get_sample_value
    assert value("agentd_database_behind") is None
    assert value("agentd_journal_full") == 0
    assert value("agentd_repairs_total", {"what": "legs_ended"}) == 0
    now[0] = Figures(7, 2, True, 4096, 0.5, 30, 1000, 3, 1, {"legs_ended": 4, "phones_lost": 5}, 6, 8, 9)
    assert value("agentd_database_behind") == 7
    assert value("agentd_journal_rejects_total") == 2
    assert value("agentd_journal_full") == 1
    assert value("agentd_journal_free_bytes") == 4096
    assert value("agentd_link_lag_seconds") == 0.5
    assert value("agentd_link_backlog") == 30
    assert value("agentd_link_events_total") == 1000
    assert value("agentd_link_late_answers_total") == 3
    assert value("agentd_link_handler_errors_total") == 1
    assert value("agentd_repairs_total", {"what": "legs_ended"}) == 4
    assert value("agentd_repairs_total", {"what": "phones_lost"}) == 5
    assert value("agentd_recordings_failed_total") == 6
    assert value("agentd_recordings_removed_total") == 8
    assert value("agentd_digits_dropped_total") == 9


def test_the_page_tells_of_recordings_and_supervisors() -> None:
    house, registry = House(), CollectorRegistry()
    registry.register(gauges(house))
    value = registry.get_sample_value
    house.log_in()
    house.operations.start_recording("1000")
    assert (value("agentd_recordings"), value("agentd_supervisors")) == (0, 0)
    house.engine.feed(c.RecordingBegun(1))
    house.wait_for(house.operations.supervise("1000", "505", MonitorMode.LISTEN, "boss"))
    house.until(lambda: value("agentd_supervisors") == 1)
    assert value("agentd_recordings") == 1


def test_the_page_tells_of_lines_and_what_became_of_their_callers() -> None:
    house, registry = House(), CollectorRegistry()
    registry.register(gauges(house))

    def sales(name: str) -> float | None:
        return registry.get_sample_value(f"agentd_ingroup_{name}", {"ingroup": "SALESLINE"})

    assert [sales(name) for name in ("waiting", "offered_today", "longest_wait_seconds", "agents")] == [0, 0, 0, 0]
    assert sales("service_level_percent") is None, "nothing is known of it"
    house.switch.hang_up(house.call_in().leg)
    house.call_in()
    house.advance(30)
    told = ("waiting", "longest_wait_seconds", "offered_today", "abandoned_today", "answered_today", "dropped_today")
    assert [sales(name) for name in told] == [1, 30, 2, 1, 0, 0]
    house.log_in("1001", "503")
    assert (sales("agents"), sales("agents_ready")) == (1, 0)
    house.wait_for(house.operations.resume("1001"))
    house.until(lambda: house.session("1001").calls != [])
    assert [sales(name) for name in ("waiting", "answered_today", "service_level_percent")] == [0, 1, 0]
    house.change(InGroupSet("SALESLINE", None))
    assert sales("offered_today") is None, "a line that is not there has no label"


def test_the_page_tells_of_what_campaigns_dial() -> None:
    house, registry = House(), CollectorRegistry()
    registry.register(gauges(house))

    def dialler(name: str) -> float | None:
        return registry.get_sample_value(f"agentd_dialler_{name}", {"campaign": "TESTCAMP"})

    house.change_campaign(campaign(call_hours="", auto_dial_level=1.5))
    house.log_in()
    house.wait_for(house.operations.change_ingroups("1000", c.Choice.CHANGE, (), blended=True))
    house.engine.feed(c.HopperFilled("TESTCAMP", copy.deepcopy(LEADS[:2])))
    assert (dialler("level"), dialler("hopper"), dialler("agents_ready"), dialler("dialling")) == (1.5, 2, 0, 0)
    house.wait_for(house.operations.resume("1000"))
    assert (dialler("dialling"), dialler("hopper"), dialler("dialled_today")) == (1, 1, 1)
    house.until(lambda: dialler("answered_today") == 1)
    assert (dialler("waiting"), dialler("dropped_today")) == (1, 0)
    house.until(lambda: dialler("waiting") == 0)
    assert registry.get_sample_value("agentd_calls_by_direction", {"direction": "auto"}) == 1
    assert registry.get_sample_value("agentd_calls_by_direction", {"direction": "inbound"}) == 0
