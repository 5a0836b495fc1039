"""What Prometheus is told of the daemon itself."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from agentd.http.gauges import Gauges
from agentd.http.health import PartState, State
from tests.faces.house import House


class Parts:
    """A daemon whose link to the PBX is as it is said to be."""

    link = State.UP

    def parts(self) -> Mapping[str, PartState]:
        return {"pbx_link": PartState(self.link), "database": PartState(State.DEGRADED, essential=False)}


def test_the_page_tells_what_is_at_the_moment() -> None:
    house, parts, registry = House(), Parts(), CollectorRegistry()
    behind: list[int | None] = [None]
    registry.register(Gauges(house.state, parts, lambda: behind[0]))
    value = registry.get_sample_value
    assert value("agentd_sessions", {"state": "INCALL"}) == 0
    assert value("agentd_database_behind") is None
    house.log_in()
    house.talk()
    house.log_in("1001", "505")
    house.phone_lost("1001")
    parts.link, behind[0] = State.DOWN, 7
    assert value("agentd_sessions", {"state": "INCALL"}) == 1
    assert value("agentd_sessions", {"state": "PAUSED"}) == 1
    assert value("agentd_calls", {"state": "connected"}) == 1
    assert value("agentd_calls", {"state": "wrapping"}) == 0
    assert value("agentd_phones_lost") == 1
    assert value("agentd_part_up", {"part": "pbx_link"}) == 0
    assert value("agentd_part_up", {"part": "database"}) == 0
    assert value("agentd_database_behind") == 7
    parts.link = State.UP
    assert value("agentd_part_up", {"part": "pbx_link"}) == 1
