"""The composition root: the only module that imports everything. It reads from top to bottom as the daemon is built."""

# mypy: allow-untyped-calls
# (Twisted's HTTP classes carry no annotations.)

from __future__ import annotations

import gc
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, gatherResults, maybeDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.interfaces import IDelayedCall, IListeningPort
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.web.resource import IResource

from agentd import __version__
from agentd.ami.client import AMIClient
from agentd.ami.link import LinkState
from agentd.core.commands import Command, LinkDown
from agentd.core.model import Token
from agentd.core.world import World
from agentd.dialects.agent_api.face import VERBS, AgentApi
from agentd.dialects.agent_api.openapi import agent_api_document
from agentd.dialects.agent_api.routes import pages as agent_api_pages
from agentd.dialects.agent_api.settings import AgentApiSettings
from agentd.dialects.agent_api.sql_orders import SqlOrders
from agentd.dialects.crystal.actions import ACTIONS
from agentd.dialects.crystal.openapi import crystal_document
from agentd.dialects.crystal.routes import Crystal
from agentd.dialects.crystal.settings import CrystalSettings
from agentd.dialects.native.api import VERBS as NATIVE_VERBS
from agentd.dialects.native.api import NativeApi
from agentd.dialects.native.openapi.document import native_document
from agentd.engine import logs, systemd
from agentd.engine.access import Access, password_hashes
from agentd.engine.auth import Authenticator, new_token, token_digest
from agentd.engine.bus import Bus
from agentd.engine.callers import Arrivals
from agentd.engine.clock import WallClock
from agentd.engine.config import Config, ConfigError, FaceSection
from agentd.engine.engine import Engine
from agentd.engine.hopper import Hoppers
from agentd.engine.operations import Operations
from agentd.engine.pidfile import hold
from agentd.engine.pins import Pins, pin_hashes
from agentd.engine.ports import Caller
from agentd.engine.recordings import RecordingFiles
from agentd.engine.repairs import Repairs
from agentd.engine.sql_door import SqlDoor
from agentd.engine.supply import Supply
from agentd.fastagi.protocol import Limits as AgiLimits
from agentd.fastagi.server import FastAGIFactory
from agentd.http.addresses import TrustedProxies
from agentd.http.docs_page import api_pages
from agentd.http.files import Files
from agentd.http.gauges import Figures, Gauges
from agentd.http.health import Health, MetricsPage, PartState, Readiness, State
from agentd.http.health_openapi import health_document
from agentd.http.hosts import HostList, machine_names
from agentd.http.metrics import HttpMetrics, VerbMetrics, new_registry
from agentd.http.mounting import mount, url_of
from agentd.http.openapi import Document
from agentd.http.policy import Policy
from agentd.http.site import Root, Site
from agentd.http.sse import Streams
from agentd.storage.applier import Applier, ApplierState
from agentd.storage.database import Database, Threads, connect
from agentd.storage.door import LiveAgents
from agentd.storage.errors import StorageError
from agentd.storage.journal import JournalLimits
from agentd.storage.opening import open_journal
from agentd.storage.repositories import DatabaseStore
from agentd.switch.asterisk import AsteriskSwitch
from agentd.switch.digits import Digits
from agentd.switch.recordings import Recordings
from agentd.switch.strays import Strays
from agi.entries import routes

__all__ = ["Daemon", "run"]

DRAIN = 5.0
"""How long answers under way may take when the daemon is stopped, in seconds."""


class Daemon:
    """agentd, built from its configuration. ``on_fatal`` is called when it cannot go on; calls stay up."""

    log = Logger(namespace="agentd")

    def __init__(self, reactor: Any, config: Config, on_fatal: Callable[[str], object]) -> None:
        self.config = config
        self._reactor = reactor
        self._on_fatal = on_fatal
        self._ports: list[IListeningPort] = []
        self._threads: list[Threads] = []
        self._timers: dict[str, IDelayedCall] = {}
        self.clock = WallClock(reactor)
        self._state()
        self._database()
        self._asterisk()
        self._faces()
        self.url = self.native_url = ""

    # --- building, from the bottom up ------------------------------------------------------------------------

    def _in_threads(self, name: str, count: int) -> Threads:
        threads = Threads(self._reactor, count, name)
        self._threads.append(threads)
        return threads

    def _state(self) -> None:
        config = self.config
        limits = JournalLimits(segment=config.journal.segment_bytes, keep=config.journal.keep_days * 86400)
        opened = open_journal(
            config.journal_dir,
            config.daemon.name,
            self.clock,
            self._in_threads("journal", 2),
            lambda error: self._fatal("the journal cannot be synced", error),
            limits,
        )
        self.journal = opened.journal
        self.world = World(config.settings(), secrets.token_hex(4), opened.state)

    def _database(self) -> None:
        engine = connect(self.config.database_url)
        self.database = Database(engine, self.clock, self._in_threads("database", 2), patience=1.5)
        self.applier = Applier(self.journal, engine, self.clock, self._in_threads("applier", 1))
        self.store = DatabaseStore(self.database, self.journal, self.applier, self.clock)

    def _asterisk(self) -> None:
        self.client = self._manager(
            synchronise=lambda _client: self.switch.synchronise(),
            on_alarm=lambda text: self.log.critical("Asterisk: {text}", text=text),
        )
        names = [f"digits-{number + 1}" for number in range(self.config.ami.dtmf_connections)]
        self.digit_clients = [self._manager(name=name) for name in names]
        self.digits = Digits(self.digit_clients, self.clock.later)
        self.switch: AsteriskSwitch = AsteriskSwitch(
            self.client,
            self._heard,
            lambda channel: channel in self.world.state.legs or self.world.leg_ids.gave(channel),
            self.clock.later,
            self.digits,
            Recordings(self.client, self._heard, self.config.recordings_dir),
            Strays(self._waits, self.clock.now),
            context=self.config.pbx.context,
            extensions=self.config.extensions_context,
            outside=self.config.outside_context,
        )
        self.engine = Engine(
            self.world,
            self.journal,
            self.switch,
            self.clock,
            lambda error: self._fatal("the journal cannot be written", error),
        )
        self.operations = Operations(self.engine, self.store, self.config.defaults.phone_code)
        self.arrivals = Arrivals(self.operations.arrive, self.switch.turn_away)
        self.bus = Bus(self.journal, self.journal.last)
        self.repairs = Repairs()
        self.engine.listen(self.bus.tell)
        self.engine.listen(self.repairs.noticed)
        self.engine.listen(self.applier.noticed)
        self.on_disk = self._in_threads("recordings", 2)
        folder, keep_days = self.config.recordings_dir, self.config.recordings.keep_days
        self.files = RecordingFiles(self.engine, self.store, self.on_disk, folder, keep_days)

    def _manager(self, **how: Any) -> AMIClient:
        """A connection to Asterisk's manager, not started yet."""
        ami = self.config.ami
        secret, md5 = self.config.ami_secret, ami.login == "md5"
        return AMIClient(ami.username, secret, ami.endpoint, reactor=self._reactor, challenge=md5, **how)

    def _heard(self, command: Command) -> None:
        """Asterisk has said something; the switch, which tells, is made before the engine."""
        self.engine.feed(command)

    def _waits(self, caller: Caller) -> None:
        """Asterisk has somebody who waits and is no call; the switch, which tells, is made before the operations."""
        self.arrivals.take_up(caller)

    def _faces(self) -> None:
        state = self.world.state
        hashing = self._in_threads("passwords", 2)
        self.auth = Authenticator(password_hashes(state), self.clock, hashing)
        self.access = Access(state, self.auth)
        self.supply = Supply(self.engine, self.store, self.auth.forget)
        self.hoppers = Hoppers(self.engine, self.store)
        self.local_token, self._local_digest = new_token()
        self.registry = new_registry()
        self.metrics = HttpMetrics(self.registry)
        self.registry.register(Gauges(self.world, self, self._figures, self.clock.now))
        self.streams = Streams(self.clock, metrics=self.metrics)
        self._sites: dict[str, tuple[Root, Site]] = {}
        self._documents: dict[str, list[Document]] = {}
        verbs = VerbMetrics(
            self.registry, {"agent_api": VERBS, "crystal": ACTIONS, "native": NATIVE_VERBS}, ("done", "refused")
        )
        crystal = CrystalSettings(self.config.crystal_secrets, self.config.crystal_networks)
        files = Files(self.config.recordings_dir, self.clock, self.on_disk)
        native = NativeApi(self.operations, self.engine, self.bus, self.streams, self._token_of, files, metrics=verbs)
        settings = AgentApiSettings(pbx_address=self.config.pbx.address)
        agent_api = AgentApi(self.operations, self.access, settings, metrics=verbs)
        self.sql_door = self._sql_door(SqlOrders(self.operations, settings))
        self._serve(self.config.native, native_document(), {"api/v1": native.resource()})
        self._serve(self.config.agent_api, agent_api_document(), agent_api_pages(agent_api))
        self._serve(self.config.crystal, crystal_document(), Crystal(self.operations, crystal, verbs).pages())
        self._serve(
            FaceSection(),
            health_document(),
            {
                "healthz": Health(),
                "readyz": Readiness(self),
                "metrics": MetricsPage(self.registry, self._may_read_metrics),
            },
        )
        for listen, documents in self._documents.items():
            mount(self._sites[listen][0], api_pages(documents))
        pins = Pins(state, Authenticator(pin_hashes(state), self.clock, hashing))
        self.fastagi = FastAGIFactory(
            routes(self.operations, pins, self.config.pbx.context),
            self._reactor,
            limits=AgiLimits(sessions=self.config.fastagi.max_sessions),
            allowed=self.config.fastagi.allow,
        )

    def _sql_door(self, face: SqlOrders) -> SqlDoor:
        in_thread = self._in_threads("sql door", 1)
        table = LiveAgents(self.database.engine, self.config.daemon.name, self.clock, in_thread)
        return SqlDoor(self.engine, table, face.picture, face.carry_out, self.config.sql_door.poll)

    def _serve(self, face: FaceSection, document: Document, pages: dict[str, IResource]) -> None:
        if not face.enabled:
            return
        listen = face.listen or self.config.http.listen
        if listen not in self._sites:
            http = self.config.http
            policy = Policy(
                hosts=HostList({*machine_names(), *http.hosts}),
                proxies=TrustedProxies(http.trusted_proxies),
                max_connections=http.max_connections,
            )
            root = Root()
            self._sites[listen] = (root, Site(root, self.clock, policy, self.metrics))
        mount(self._sites[listen][0], pages)
        self._documents.setdefault(listen, []).append(document)

    def _token_of(self, plain: str, now: float, address: str | None = None) -> Token | None:
        """A token of the administrator's, or the one that this host's command line reads from the state folder."""
        if token_digest(plain) == self._local_digest:
            return Token(self._local_digest, "local", "admin", "")
        return self.access.token(plain, now, address)

    def _may_read_metrics(self, plain: str) -> bool:
        return self._token_of(plain, self.clock.now()) is not None

    # --- running ---------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begin: listeners open when the reference data is there, or could not be had at once."""
        self.engine.feed(LinkDown("starting"))
        self.engine.start()
        await self.applier.start()
        await self.supply.start()
        self.hoppers.start()
        self.sql_door.start(enabled=self.config.sql_door.enabled)
        self.client.start()
        for client in self.digit_clients:
            client.start()
        self.files.start()
        for listen, (_root, site) in self._sites.items():
            port = await serverFromString(self._reactor, listen).listen(site)
            self._ports.append(port)
            if listen == self.config.http.listen:
                self.url = url_of(listen, port)
            if listen == (self.config.native.listen or self.config.http.listen):
                self.native_url = url_of(listen, port)
        if self.config.fastagi.enabled:
            self._ports.append(await serverFromString(self._reactor, self.config.fastagi.listen).listen(self.fastagi))
        self._leave_notes()
        self._keep_house()
        gc.collect()
        gc.freeze()
        systemd.notify("READY=1", "STATUS=running")
        self.log.info("agentd {version} is up", version=__version__)

    def _leave_notes(self) -> None:
        """The process id, and a token for the command line on this host, for the daemon's own user alone."""
        self._pid_file = hold(self.config.pid_file)
        notes = self.config.local_file
        notes.unlink(missing_ok=True)
        with open(os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as handle:
            json.dump({"url": self.url, "native": self.native_url, "token": self.local_token}, handle)

    def _keep_house(self) -> None:
        interval = systemd.watchdog_interval()
        if interval is not None:
            self._watchdog(interval)

    def _watchdog(self, interval: float) -> None:
        systemd.notify("WATCHDOG=1")
        self._timers["watchdog"] = self.clock.later(interval, self._watchdog, interval)

    def reload(self) -> None:
        """Read users, phones, campaigns, statuses and tokens again (SIGHUP)."""
        systemd.notify("RELOADING=1")

        def done(changed: int) -> None:
            self.log.info("reloaded: {changed} entries have changed", changed=changed)
            systemd.notify("READY=1")

        def failed(failure: Failure) -> None:
            self.log.error("not reloaded: {why}", why=failure.getErrorMessage())
            systemd.notify("READY=1")

        self.supply.reload().addCallbacks(done, failed)

    def parts(self) -> dict[str, PartState]:
        """How each part is, for /readyz."""
        link = self.client.state
        return {
            "pbx_link": PartState(State.UP if link is LinkState.LIVE else State.DOWN, self.client.link.reason),
            "journal": PartState(State.DOWN if self.journal.full else State.UP, "full" if self.journal.full else ""),
            "database": self._database_part(),
        }

    def _database_part(self) -> PartState:
        status = self.applier.status()
        state = State.UP if status.state is ApplierState.LIVE else State.DOWN
        behind = "" if status.behind is None else f"{status.behind} records behind"
        return PartState(state, status.detail or behind, essential=False)

    def _figures(self) -> Figures:
        """What the parts have counted, for /metrics."""
        status, counters = self.applier.status(), self.client.counters
        return Figures(
            behind=status.behind,
            rejected=status.rejected,
            journal_full=self.journal.full,
            journal_free=self.journal.free,
            link_lag=self.client.lag,
            link_backlog=self.client.backlog,
            link_events=counters.events,
            link_late=counters.late,
            link_handler_errors=counters.handler_errors,
            repairs=self.repairs.counts,
            recordings_failed=self.files.failed,
            recordings_removed=self.files.removed,
            digits_dropped=self.digits.dropped,
        )

    async def stop(self) -> None:
        """Drain: no new work, answers under way finish, the journal is synced; calls are left alone."""
        systemd.notify("STOPPING=1")
        door_closed = self.sql_door.stop()
        self.engine.draining = True
        self.hoppers.stop()
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        self.streams.close_all()
        await gatherResults([site.drain(DRAIN) for _root, site in self._sites.values()])
        await self.fastagi.drain(DRAIN)
        self.supply.stop()
        await door_closed
        for timer in self._timers.values():
            if timer.active():
                timer.cancel()
        self.files.stop()
        await gatherResults([client.stop() for client in (self.client, *self.digit_clients)])
        self.engine.stop()
        await self.journal.synced(self.journal.last)
        await self.applier.stop()
        await self.journal.close()
        self.database.stop()
        for name in (self.config.pid_file, self.config.local_file):
            name.unlink(missing_ok=True)
        for threads in self._threads:
            threads.stop()

    def _fatal(self, what: str, error: OSError) -> None:
        self.log.critical("{what}: {error}", what=what, error=error)
        self._on_fatal(what)


_REFUSALS = (StorageError, ConfigError, OSError, ValueError)
"""What ends a start with a reason that people understand; anything else is a mistake of ours, and is shown whole."""


def run(config: Config) -> int:
    """Run the daemon until SIGTERM or SIGINT. Gives the exit code: 0, or 1 when it could not start or go on."""
    from twisted.internet import reactor as _reactor  # noqa: PLC0415 - importing it installs it

    reactor: Any = _reactor
    sys.setswitchinterval(0.0005)  # database threads must not be felt by the loop
    logs.begin(
        sys.stderr,
        log_format=config.daemon.log_format,
        level=config.daemon.log_level,
        access_log=config.http.access_log,
    )
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        reactor.stop()

    async def begin() -> None:
        daemon = Daemon(reactor, config, lambda _what: os._exit(1))
        signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(daemon.reload))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: reactor.callFromThread(stop, daemon))
        await daemon.start()

    def stop(daemon: Daemon) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        Deferred.fromCoroutine(daemon.stop()).addCallbacks(lambda _: end(0), _give_up)

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(begin()).addErrback(_give_up))
    reactor.run(installSignalHandlers=False)
    return codes[-1] if codes else 1


def _give_up(failure: Failure) -> None:
    """End at once, threads and all: calls stay up, and the journal is as it was written."""
    if failure.check(*_REFUSALS):
        Daemon.log.critical("agentd cannot go on: {why}", why=failure.getErrorMessage())
    else:
        Daemon.log.failure("agentd cannot go on", failure)
    os._exit(1)
