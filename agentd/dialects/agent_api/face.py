"""Who may ask what: the agent API's checks in their order, and its log."""

from __future__ import annotations

from agentd.core.errors import AgentdError
from agentd.core.model import User
from agentd.core.records import ApiCalled
from agentd.dialects.agent_api.answers import (
    Line,
    Refused,
    alone,
    bare,
    clean,
    error,
    no_permission,
    not_valid,
    unknown_function,
    wrong_password,
)
from agentd.dialects.agent_api.asked import Asked
from agentd.dialects.agent_api.errors import phrase
from agentd.dialects.agent_api.functions import FUNCTIONS, About
from agentd.dialects.agent_api.here import Here
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.dialects.agent_api.words import USER, Word
from agentd.engine.access import Access, PasswordRefused, may_use, user_by_custom_three
from agentd.engine.auth import Verdict, address_key
from agentd.engine.clock import local_time
from agentd.engine.limits import TokenBucket
from agentd.engine.operations import Operations
from agentd.http.metrics import VerbMetrics

__all__ = ["API_RIGHT", "FACE", "VERBS", "AgentApi", "api_call"]

API_RIGHT = "agent_api"
"""The right of a user who may use this API."""

FACE = "agent_api"
"""The name of this face in the metrics."""

VERBS = ("version", *FUNCTIONS)
"""What it counts by name; the rest is ``other``. Results are ``done`` and ``refused``."""

_SOURCE = Word("[0-9A-Za-z]{2,}")


class AgentApi:
    """The agent API as a function from request to line."""

    def __init__(
        self,
        operations: Operations,
        access: Access,
        settings: AgentApiSettings | None = None,
        metrics: VerbMetrics | None = None,
    ) -> None:
        self._operations = operations
        self._access = access
        self.settings = settings or AgentApiSettings()
        """What the configuration says of this face."""
        self._here = Here(operations, self.settings)
        self._metrics = metrics
        self._strangers: TokenBucket[str] = TokenBucket(self.settings.stranger_rate, self.settings.stranger_rows)

    async def answer(self, asked: Asked) -> Line:
        """Do what is asked and give the line that says what came of it; it is in the API log then.

        (Of strangers only so many: whoever has no password must not be able to fill the disk.)
        """
        started = self._operations.now
        if asked.function == "version":
            line = self._version()
        else:
            try:
                line = await self._checked(asked)
            except Refused as refused:
                line = refused.line
        seconds = self._operations.now - started
        if asked.let_in or self._strangers.take(address_key(asked.address), started).allowed:
            self._log(asked, line, seconds)
        if self._metrics is not None:
            result = "refused" if line.result == "ERROR" else "done"
            self._metrics.done(FACE, asked.function, result, max(0.0, seconds))
        return line

    def _version(self) -> Line:
        """Anybody may know."""
        now = self._operations.now
        date = local_time(now).strftime("%Y-%m-%d %H:%M:%S")
        text = f"VERSION: {self.settings.version}|BUILD: {self.settings.build}|DATE: {date}|EPOCH: {int(now)}"
        return Line(text, "SUCCESS", data=text, alone=True)

    async def _checked(self, asked: Asked) -> Line:
        if not _SOURCE.allows(asked.source):
            return alone(error("Invalid Source", asked.source))
        user = await self._let_in(asked)
        asked.let_in = True
        if not self.settings.active:
            return bare("System API NOT ACTIVE")
        function = FUNCTIONS.get(asked.function)
        if function is None:
            return unknown_function(asked)
        if not function.accepts(asked):
            return not_valid(asked)
        if not may_use(user, asked.function):
            return no_permission(asked, user.group)
        if function.about is About.EITHER:
            asked.agent = self._agent(asked)
        try:
            return await function.perform(asked, self._here)
        except AgentdError as failed:
            return phrase(asked, failed)

    async def _let_in(self, asked: Asked) -> User:
        if not USER.allows(asked.user) or min(len(asked.user), len(asked.password)) < 2:
            raise Refused(wrong_password(asked.user, Verdict.BAD))
        try:
            user = await self._access.password(asked.user, asked.password, asked.address, sure=asked.sure)
        except PasswordRefused as refused:
            raise Refused(wrong_password(asked.user, refused.verdict)) from None
        if API_RIGHT not in user.rights:
            raise Refused(wrong_password(asked.user, Verdict.GOOD, password_good=True))
        return user

    def _agent(self, asked: Asked) -> str:
        """Whom it is about: ``alt_user``, where given, wins over ``agent_user``."""
        if len(asked.alt_user) < 2:
            return asked.agent
        user = user_by_custom_three(self._operations.state, asked.alt_user)
        if user is None:
            raise Refused(error("no user found", asked.alt_user))
        return user.name

    def _log(self, asked: Asked, line: Line, seconds: float) -> None:
        self._operations.log_api_call(api_call(asked, line, seconds))


def api_call(asked: Asked, line: Line, seconds: float) -> ApiCalled:
    """Give the row of the API log for a line that took so long."""
    anonymous = asked.function == "version"
    return ApiCalled(
        user="" if anonymous else clean(asked.user)[:20],
        function=clean(asked.function)[:20],
        agent_user="" if anonymous else clean(asked.agent)[:20],
        value="" if anonymous else clean(_logged_value(asked, line))[:255],
        result=line.result,
        result_reason=line.reason[:255],
        source=clean(asked.source),
        data=line.data,
        fields={"address": asked.address, "path": asked.path, "run_time": f"{seconds:.6f}"},
    )


def _logged_value(asked: Asked, line: Line) -> str:
    function = FUNCTIONS.get(asked.function)
    if function is not None and function.hides:
        return "x" * len(asked.value)
    return asked.value if line.value is None else line.value
