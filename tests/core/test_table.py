"""The session table, the handlers and docs/behaviour.md say the same."""

from __future__ import annotations

import copy
import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from agentd.core import commands as c
from agentd.core import records as r
from agentd.core.effects import HangUpLeg, Ring
from agentd.core.errors import AgentdError
from agentd.core.model import SessionState
from agentd.core.sessions.table import TABLE, Do, Verb
from tests.core.desk import CAMPAIGN, SETTINGS, Desk

DOCS = Path(__file__).parents[2] / "docs"


def desk_in(state: SessionState) -> Desk:
    """Give a desk where agent 1000 is in that state, and READY comes after the call."""
    desk = Desk(replace(SETTINGS, recall_phone=False), replace(CAMPAIGN, after_manual="ready"))
    desk.log_in()
    if state is SessionState.READY:
        desk.ask(c.Resume("1000"))
    elif state is SessionState.RINGING:
        desk.ring_through()
    elif state is SessionState.PREVIEW:
        desk.preview()
    elif state is SessionState.DIALLING:
        desk.dial()
    elif state is SessionState.INCALL:
        desk.talk()
    elif state is SessionState.WRAPUP:
        desk.wrap_up()
    assert desk.session().state is state
    return desk


def command_for(desk: Desk, verb: Verb) -> c.Command:
    return {
        Verb.PAUSE: c.Pause("1000"),
        Verb.RESUME: c.Resume("1000"),
        Verb.CODE: c.SetPauseCode("1000", "BREAK"),
        Verb.DIAL: c.Dial("1000", desk.request("7275550000")),
        Verb.HANGUP: c.HangUp("1000"),
        Verb.DISPOSE: c.Dispose("1000", "A"),
        Verb.LOGOUT: c.LogOut("1000"),
        Verb.PHONE_LOST: c.LegGone(desk.session().leg, 16, far_end=True),
    }[verb]


def seen_to_be_done(desk: Desk, verb: Verb) -> Do:
    """Give the verb to the session, and tell what was done by what came of it."""
    session = desk.session()
    state, after = session.state, session.after
    intervals, disposed = len(desk.recorded(r.StateEntered)), len(desk.recorded(r.CallDisposed))
    put_away = len(desk.recorded(r.PreviewEnded))
    offers = copy.deepcopy(list(desk.state.waiting.values()))
    command = command_for(desk, verb)
    try:
        if verb is Verb.PHONE_LOST:
            desk.hear(command)
        else:
            desk.ask(command)
    except AgentdError:
        return Do.REPLACE if verb is Verb.DISPOSE else Do.REFUSE
    if any(waiting.offered for waiting in offers) and not any(
        waiting.offered for waiting in desk.state.waiting.values()
    ):
        return Do.GIVE_BACK
    if "1000" not in desk.state.sessions:
        return Do.END
    if len(desk.recorded(r.PreviewEnded)) > put_away:
        return Do.PUT_AWAY
    if any(isinstance(effect, Ring) for effect in desk.effects):
        return Do.START
    if any(isinstance(effect, HangUpLeg) for effect in desk.effects):
        return Do.CANCEL if state is SessionState.DIALLING else Do.END_CALL
    if len(desk.recorded(r.CallDisposed)) > disposed:
        return Do.COMPLETE
    if session.queue:
        return Do.QUEUE
    if session.calls and desk.call().status:
        return Do.KEEP
    if "logout:1000" in desk.state.deadlines:
        return Do.GRACE
    if "grace:1000" in desk.state.deadlines:
        return Do.WAIT
    if len(desk.recorded(r.StateEntered)) > intervals:
        return Do.ENTER
    return Do.NOTHING if session.after == after else Do.AFTER


@pytest.mark.parametrize("verb", list(Verb))
@pytest.mark.parametrize("state", list(SessionState))
def test_what_the_table_says_is_what_is_done(state: SessionState, verb: Verb) -> None:
    desk = desk_in(state)
    cell = TABLE[state][verb]
    if cell.do is Do.AFTER and verb is Verb.RESUME:
        desk.ask(c.Pause("1000"))
    assert seen_to_be_done(desk, verb) is cell.do
    stays = SessionState.READY if cell.do is Do.COMPLETE else state
    session = desk.state.sessions.get("1000")
    if session is not None:
        assert session.state is (cell.to or stays)


def test_a_status_given_automatically_can_be_replaced_in_both_states_without_a_call() -> None:
    for resumes in (False, True):
        desk = Desk(campaign=replace(CAMPAIGN, wrapup=0, after_manual="ready" if resumes else "paused"))
        desk.log_in()
        desk.wrap_up()
        assert TABLE[desk.session().state][Verb.DISPOSE].do is Do.REPLACE
        desk.ask(c.Dispose("1000", "A"))
        assert len(desk.recorded(r.StatusReplaced)) == 1


def build_states() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_states", DOCS / "build_states.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_has_the_table_as_it_is() -> None:
    page = (DOCS / "behaviour.md").read_text(encoding="utf-8")
    builder = build_states()
    assert builder.current(page) == page, "run python docs/build_states.py"
    assert builder.current(page.replace("remembered", "forgotten")) != page.replace("remembered", "forgotten")
    assert all(str(verb) in builder.table() for verb in Verb)


def test_a_page_without_a_place_for_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place"):
        build_states().current("# How a session behaves\n")


def test_every_bold_word_of_the_glossary_is_there_once_and_in_order() -> None:
    words = [
        line.strip("*").lower()
        for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("**")
    ]
    assert words == sorted(set(words))
    assert {"agent", "session", "leg", "call", "campaign", "in-group", "pause code", "disposition"} <= set(words)
