"""One request of the agent API, decoded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agentd.dialects.agent_api.words import CONTROL, SOURCE_LENGTH
from agentd.http.kit import BadParameter, Client, Params

__all__ = ["PATHS", "Asked"]

PATHS = ("agc/api.php", "x5/api/agent.php")
"""Where the API is served. The second is the later document's, with some more in its answers."""

# A label and nothing else: CRMs send crm_call and bot-api, of which the originals keep letters and digits.
_NO_LABEL = re.compile("[^0-9A-Za-z]")


@dataclass(slots=True)
class Asked:
    """What was asked, by whom, and from where.

    ``agent`` is whom it is about: ``agent_user`` as given, until ``alt_user`` is looked up. ``usable`` is False
    when any parameter could not be read or has control characters in it; what could not be read is empty here.
    ``path`` is one of :data:`PATHS` with a leading slash, ``host`` the name by which the client calls this machine.
    ``sure``: the ``address`` surely is the client's. ``let_in`` is set when user and password were found good.
    """

    function: str
    source: str
    user: str
    password: str = field(repr=False)
    agent: str
    alt_user: str
    value: str
    usable: bool
    address: str
    path: str
    params: Params
    host: str = ""
    sure: bool = True
    let_in: bool = False

    @classmethod
    def of(cls, params: Params, client: Client, path: str, host: str = "") -> Asked:
        """Decode the parameters of a request."""
        return cls(
            function=_text(params, "function"),
            source=_NO_LABEL.sub("", _text(params, "source"))[:SOURCE_LENGTH],
            user=_text(params, "user"),
            password=_text(params, "pass"),
            agent=_text(params, "agent_user"),
            alt_user=_text(params, "alt_user"),
            value=_text(params, "value"),
            usable=params.bad is None and not any(_has_control(params, name) for name in params),
            address=client.address,
            sure=client.sure,
            path=path,
            params=params,
            host=host,
        )

    @property
    def newer(self) -> bool:
        """Whether the answer is as the later document prints it."""
        return self.path == f"/{PATHS[1]}"

    def get(self, name: str) -> str:
        """One of the other parameters; empty where it was not given."""
        return _text(self.params, name)

    def yes(self, name: str) -> bool:
        """Whether a switch is on."""
        return self.get(name) == "YES"


def _text(params: Params, name: str) -> str:
    try:
        return params.get(name)
    except BadParameter:
        return ""


def _has_control(params: Params, name: str) -> bool:
    return name != "pass" and CONTROL.search(_text(params, name)) is not None
