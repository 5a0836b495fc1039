"""The verbs as outsiders know them. Each is one operation, whatever face it came through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.defer import Deferred, maybeDeferred, succeed

from agentd.core import commands as c
from agentd.core.calls.dialling import Dialled
from agentd.core.calls.finding import Transferred
from agentd.core.calls.numbers import clean_number
from agentd.core.errors import CampaignUnknown, DatabaseAway, NotLoggedIn
from agentd.core.model import CallbackWish, Lead, MonitorMode, OwnCode, Session, State, TimerAction
from agentd.core.records import ApiCalled, Record
from agentd.core.sessions.choosing import chosen
from agentd.core.snapshot import session_snapshot, session_snapshots
from agentd.engine.administration import Administration
from agentd.engine.dialling import Dialling, DialWish
from agentd.engine.engine import Engine
from agentd.engine.kinds import By
from agentd.engine.leads import LeadOperations
from agentd.engine.order import InOrder
from agentd.engine.ports import Caller, RecordingQuery, RecordingRow, Store

__all__ = ["Operations"]


class Operations:
    """What a face may ask. All give Deferreds that fail with an AgentdError; see the commands for what is promised."""

    def __init__(self, engine: Engine, store: Store, default_phone_code: str = "1") -> None:
        self._engine = engine
        self._store = store
        self.leads = LeadOperations(engine, store)
        self.administration = Administration(engine, store)
        self._dialling = Dialling(engine, store, self.leads, default_phone_code)
        self._arrivals = InOrder()

    @property
    def state(self) -> State:
        """What is, to read. Only commands change it."""
        return self._engine.world.state

    @property
    def now(self) -> float:
        """The time, in epoch seconds."""
        return self._engine.clock.now()

    # --- looking ---------------------------------------------------------------------------------------------

    def sessions(self) -> list[dict[str, Any]]:
        """Give the snapshots of all sessions."""
        return session_snapshots(self.state, self.state.sessions.values())

    def session(self, agent: str) -> dict[str, Any]:
        """Give the snapshot of one session.

        Raises:
            NotLoggedIn
        """
        return session_snapshot(self.state, self.live_session(agent))

    def live_session(self, agent: str) -> Session:
        """Give one session, to read.

        Raises:
            NotLoggedIn
        """
        session = self.state.sessions.get(agent)
        if session is None:
            raise NotLoggedIn(f"{agent} is not logged in")
        return session

    # --- sessions --------------------------------------------------------------------------------------------

    def log_in(
        self, agent: str, phone: str = "", campaign: str = "", source: str = "api", *, ready: bool = False
    ) -> Deferred[None]:
        """Log an agent in; done when his phone has answered, where one is to sit in his conference."""
        return self._engine.submit(c.LogIn(agent, phone, campaign, source, ready))

    def log_in_by_phone(
        self, agent: str, leg: str, phone: str = "", campaign: str = "", *, ready: bool = False
    ) -> Deferred[str]:
        """Log in an agent who has called; gives the conference into which his channel is to go."""
        return self._engine.submit(c.LogInByPhone(agent, leg, phone, campaign, ready))

    def log_out(self, agent: str, *, at_once: bool = False, source: str = "api") -> Deferred[None]:
        """Log an agent out, now or after the call; ``at_once`` does not wait in wrap-up."""
        return self._engine.submit(c.LogOut(agent, at_once, source))

    def pause(self, agent: str, code: str = "") -> Deferred[None]:
        """Pause an agent, now or after the call."""
        return self._engine.submit(c.Pause(agent, code))

    def mission(self, agent: str) -> Deferred[None]:
        """Pause an agent for a mission: productive, and no calls."""
        return self._engine.submit(c.Pause(agent, OwnCode.MISSION))

    def resume(self, agent: str, *, strict: bool = False) -> Deferred[None]:
        """Make an agent ready, now or after the call; ``strict`` fails with AlreadyReady when he is."""
        return self._engine.submit(c.Resume(agent, strict))

    def set_pause_code(self, agent: str, code: str) -> Deferred[None]:
        """Give the pause a code."""
        return self._engine.submit(c.SetPauseCode(agent, code))

    def change_ingroups(
        self,
        agent: str,
        choice: c.Choice,
        ingroups: Sequence[str] = (),
        *,
        blended: bool | None = None,
        set_as_default: bool = False,
        by: By | None = None,
    ) -> Deferred[tuple[str, ...]]:
        """Change which in-groups' calls an agent takes, and (unless None) whether his campaign's; gives the result.

        ``set_as_default``: he has them at his next login, too (``by`` is logged for it); fails with DatabaseAway when
        that cannot be kept.
        """
        command = c.ChangeInGroups(agent, choice, tuple(ingroups), blended)
        if not set_as_default:
            return self._engine.submit(command)
        kept = self._engine.changing.run(self._keep_lines, command, by)
        return kept.addCallback(lambda _: self._engine.submit(command))

    def _keep_lines(self, command: c.ChangeInGroups, by: By | None) -> Deferred[None]:
        """The database first: where it cannot keep them, nothing is changed."""
        ingroups, blended = chosen(self.state, self.live_session(command.agent), command)
        return self._store.set_agent_lines(command.agent, ingroups, blended=blended, by=by).addCallback(self._changed)

    def _changed(self, records: list[Record]) -> Deferred[None]:
        """The database has it; now the World has it, too."""
        return self._engine.submit(c.ReferenceChanged(tuple(records)))

    def call_agent(self, agent: str) -> Deferred[None]:
        """Ring the agent's phone again."""
        return self._engine.submit(c.CallPhone(agent))

    # --- calls -----------------------------------------------------------------------------------------------

    def dial(self, agent: str, wish: DialWish) -> Deferred[Dialled]:
        """Dial a number or a lead by hand, now or after the call, or show him first (see DialWish)."""
        return maybeDeferred(lambda: self._dialling.dial(self.live_session(agent), wish))

    def act_on_preview(self, agent: str, action: c.PreviewAction) -> Deferred[Dialled | None]:
        """Dial the lead before the agent at one of his numbers, or put him away; gives the dial, if it is one."""
        return maybeDeferred(lambda: self._dialling.act_on_preview(self.live_session(agent), action))

    def set_timer(self, agent: str, timer: TimerAction | None) -> Deferred[None]:
        """Have something happen at a second of the agent's call, this one or the next; None: nothing."""
        return self._engine.submit(c.SetTimer(agent, timer))

    def hang_up(self, agent: str, call_id: int | None = None, *, status: str = "") -> Deferred[None]:
        """End the customer's leg; done when it is gone. Without a live call there is nothing to do.

        ``status``, here and in the transfers, is what a remote agent's call gets.
        """
        return self._engine.submit(c.HangUp(agent, call_id, status))

    def dispose(
        self,
        agent: str,
        status: str,
        call_id: int | None = None,
        *,
        callback: CallbackWish | None = None,
        code: str = "",
    ) -> Deferred[None]:
        """Give the call its status; done when that is on the disk. ``code`` is that of another system."""
        return self._engine.submit(c.Dispose(agent, status, call_id, callback, code))

    # --- calls in hand ---------------------------------------------------------------------------------------
    # ``call_id`` of None is the current call: the connected one, else the newest that has not ended.

    def hold(self, agent: str, call_id: int | None = None, *, ivr: bool = False) -> Deferred[None]:
        """Let the customer hear music, or the campaign's prompt, after which he comes back by himself."""
        return self._engine.submit(c.HoldCall(agent, call_id, ivr))

    def retrieve(self, agent: str, call_id: int | None = None) -> Deferred[None]:
        """Bring the customer back, from music or from the prompt."""
        return self._engine.submit(c.RetrieveCall(agent, call_id))

    def dial_third(
        self,
        agent: str,
        number: str = "",
        *,
        ingroup: str = "",
        hold: bool = False,
        exactly: bool = False,
        group_alias: str = "",
        call_id: int | None = None,
    ) -> Deferred[Transferred]:
        """Call a third party, or an agent of an in-group, into the conference; ``hold`` the customer first.

        For an in-group ``number`` may name the only agent who will do.
        """
        if ingroup:
            return self._engine.submit(c.DialThird(agent, number, ingroup, hold, exactly, group_alias, call_id))
        return self._with_number(
            agent, number, lambda clean: c.DialThird(agent, clean, ingroup, hold, exactly, group_alias, call_id)
        )

    def hang_up_third(self, agent: str, *, both: bool = False, call_id: int | None = None) -> Deferred[Transferred]:
        """End the third party's leg, and with ``both`` the customer's."""
        return self._engine.submit(c.HangUpThird(agent, both, call_id))

    def transfer_blind(
        self,
        agent: str,
        number: str,
        *,
        exactly: bool = False,
        group_alias: str = "",
        call_id: int | None = None,
        status: str = "",
    ) -> Deferred[Transferred]:
        """Send the customer on to a number; ``exactly`` as given, without prefix and phone code."""
        return self._with_number(
            agent, number, lambda clean: c.TransferBlind(agent, clean, exactly, group_alias, call_id, status)
        )

    def leave_message(self, agent: str, *, group_alias: str = "", call_id: int | None = None) -> Deferred[Transferred]:
        """Leave the campaign's message with the customer."""
        return self._engine.submit(c.LeaveMessage(agent, group_alias, call_id))

    def transfer_to_ingroup(
        self,
        agent: str,
        ingroup: str,
        wanted: str = "",
        *,
        group_alias: str = "",
        call_id: int | None = None,
        status: str = "",
    ) -> Deferred[Transferred]:
        """Put the customer into an in-group's line, for any of its agents or for ``wanted``."""
        return self._engine.submit(c.TransferToInGroup(agent, ingroup, wanted, group_alias, call_id, status))

    def leave_three_way(self, agent: str, call_id: int | None = None) -> Deferred[Transferred]:
        """Let customer and third party talk on without the agent."""
        return self._engine.submit(c.LeaveThreeWay(agent, call_id))

    def connect(self, agent: str, call_id: int, other_id: int) -> Deferred[None]:
        """Let the customers of two calls talk with each other, without the agent."""
        return self._engine.submit(c.ConnectCalls(agent, call_id, other_id))

    def send_digits(self, agent: str, digits: str, call_id: int | None = None) -> Deferred[None]:
        """Let the customer hear DTMF digits; ``,`` is a second of silence. Done when they are in line."""
        return self._engine.submit(c.SendDtmf(agent, digits, call_id))

    def _with_number(self, agent: str, number: str, command: Callable[[str], c.Command]) -> Deferred[Any]:
        """Submit the command for the number as it is dialled, once it is sure that an extension exists."""

        def clean() -> Deferred[Any]:
            cleaned = clean_number(number) if number else ""
            return self._dialling.require_extension(cleaned, agent).addCallback(
                lambda _: self._engine.submit(command(cleaned))
            )

        return maybeDeferred(clean)

    # --- callers, and calls that campaigns dial --------------------------------------------------------------

    def arrive(self, caller: Caller) -> Deferred[str]:
        """Put a caller into the line of an in-group; gives the key of his call.

        He is looked for among the leads by his number, in the in-group's lists; one who is not found, or while the
        database is away, becomes a new lead. Who arrived before him has his call before him.
        """
        ingroup = self.state.ingroups.get(caller.ingroup)
        known = caller.number and ingroup is not None and caller.leg not in self.state.legs
        found: Deferred[Lead | None] = succeed(None)
        if known and ingroup is not None:
            found = self._store.find_lead(ingroup.search_lists, caller.number)
            found.addErrback(lambda failure: failure.trap(DatabaseAway) and None)
        return self._arrivals.run(found, lambda lead: self._arrived(lead, caller))

    def _arrived(self, lead: Lead | None, caller: Caller) -> Deferred[str]:
        return self._engine.submit(
            c.CallArrived(
                leg=caller.leg,
                ingroup=caller.ingroup,
                number=caller.number,
                name=caller.name,
                did=caller.did,
                lead=lead,
                priority=caller.priority,
                wanted=caller.wanted,
                since=caller.since,
                place=caller.place,
            )
        )

    def hopper(self, campaign: str) -> int:
        """How many leads are held ready for a campaign to dial."""
        return len(self._engine.world.hopper.get(campaign, ()))

    def set_dial_level(self, campaign: str, level: float, by: By | None = None) -> Deferred[None]:
        """Let a campaign dial so many calls for each free blended agent, from now on; 0 stops it at once.

        ``by`` is who is logged for it. Fails with CampaignUnknown, or DatabaseAway.
        """

        def take(records: list[Record]) -> Deferred[None]:
            if not records:
                raise CampaignUnknown(f"there is no campaign {campaign}")
            return self._changed(records)

        return self._engine.changing.run(lambda: self._store.set_dial_level(campaign, level, by).addCallback(take))

    # --- recordings and supervisors --------------------------------------------------------------------------

    def start_recording(self, agent: str, stage: str = "", call_id: int | None = None) -> Deferred[int]:
        """Begin one more recording; gives its id. ``stage`` ends the file's name."""
        return self._engine.submit(c.BeginRecording(agent, stage, call_id))

    def stop_recordings(
        self, agent: str, *, call_id: int | None = None, recording_id: int | None = None
    ) -> Deferred[list[int]]:
        """End the agent's recordings: all, those of a call, or one; gives their ids."""
        return self._engine.submit(c.StopRecordings(agent, call_id, recording_id))

    def mute_recordings(self, agent: str, *, muted: bool, recording_id: int | None = None) -> Deferred[list[int]]:
        """Let the agent's recordings go on in silence, or with sound again; gives their ids."""
        return self._engine.submit(c.MuteRecordings(agent, muted, recording_id))

    def recordings(self, query: RecordingQuery) -> Deferred[list[RecordingRow]]:
        """Give the recordings that a query finds, the newest first."""
        return self._store.recordings(query)

    def recording(self, recording_id: int) -> Deferred[RecordingRow | None]:
        """Give one recording."""
        return self._store.recording(recording_id)

    def supervise(self, agent: str, phone: str, mode: MonitorMode, by: str) -> Deferred[None]:
        """Let a phone of this PBX listen to, whisper to or barge in on an agent."""
        return self._engine.submit(c.Supervise(agent, phone, mode, by))

    def end_supervision(self, agent: str, phone: str) -> Deferred[None]:
        """Let a supervisor's phone go."""
        return self._engine.submit(c.EndSupervision(agent, phone))

    # --- what the faces leave behind -------------------------------------------------------------------------

    def log_api_call(self, record: ApiCalled) -> None:
        """Keep one row of the API log, unless the journal keeps its last room for calls."""
        if not self._engine.journal.full:
            self._engine.feed(c.LogApiCall(record))
