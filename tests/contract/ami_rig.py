"""A private Asterisk for the manager interface alone: Local channels, conferences, recordings; plain and TLS."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet.defer import Deferred

from agentd.ami import AMIClient, Event, Tuning
from agentd.sandbox.asterisk import PrivateAsterisk
from agentd.sandbox.rootfs import AsteriskFiles

HOST = "127.0.0.1"
MODULES = """
    res_timing_timerfd res_sorcery_config res_sorcery_memory res_sorcery_astdb res_musiconhold res_mutestream format_wav
    format_sln codec_ulaw bridge_simple bridge_softmix bridge_builtin_features pbx_config app_dial app_confbridge
    app_mixmonitor app_playback app_userevent app_senddtmf app_verbose func_callerid func_channel func_global
    func_strings func_logic
"""
DIALPLAN = """
[sim]
; answers and stays
exten => 100,1,Answer()
 same => n(stay),Wait(3600)
 same => n,Goto(stay)
; rings and never answers
exten => 300,1,Ringing()
 same => n,Wait(3600)
; sends an event with a value that looks like protocol
exten => 400,1,Answer()
 same => n,UserEvent(Odd,Text: Event: Fake)
 same => n,Wait(3600)
exten => _8XX,1,Answer()
 same => n,ConfBridge(${EXTEN},,quiet)
"""


class AMIRig:
    """The running Asterisk, and how to get at it. The users' secrets are their names backwards."""

    def __init__(self, reactor: Any, files: AsteriskFiles, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port = free_ports(2)
        self.asterisk = PrivateAsterisk(reactor, files, folder)
        self.ca = folder / "ca"
        self.other_ca = folder / "other-ca"
        folder.mkdir(exist_ok=True)
        key_and_certificate = make_certificate(self.ca)
        make_certificate(self.other_ca)
        self.asterisk.configure(self._configuration(files))
        (folder / "etc" / "ami.pem").write_bytes(key_and_certificate)

    @property
    def plain(self) -> str:
        return f"tcp:{HOST}:{self.port}"

    def tls(self, ca: Path) -> str:
        return f"tls:{HOST}:{self.tls_port}:trustRoots={ca}"

    def _configuration(self, files: AsteriskFiles) -> dict[str, str]:
        here = self.folder
        folders = {
            "astetcdir": here / "etc",
            "astmoddir": files.modules,
            "astvarlibdir": here / "lib",
            "astdbdir": here / "lib",
            "astkeydir": here / "lib",
            "astdatadir": here / "data",
            "astagidir": here / "lib",
            "astspooldir": here / "spool",
            "astrundir": here / "run",
            "astlogdir": here / "log",
            "astsbindir": files.program.parent,
        }
        empty = "[general]\n"
        return {
            "asterisk.conf": "[directories]\n"
            + "".join(f"{name} => {path}\n" for name, path in folders.items())
            + "[options]\nnocolor = yes\n",
            "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {name}.so\n" for name in MODULES.split()),
            "extensions.conf": DIALPLAN,
            "confbridge.conf": "[general]\n[quiet]\ntype = user\nquiet = yes\n",
            "logger.conf": "[general]\n[logfiles]\nmessages.log => notice,warning,error\n",
            "manager.conf": self._manager(),
            **{f"{name}.conf": empty for name in ("ccss", "features", "udptl", "cdr", "cel", "indications")},
            "acl.conf": "; none\n",
            "musiconhold.conf": f"[default]\nmode = files\ndirectory = {here / 'data' / 'moh'}\n",
        }

    def _manager(self) -> str:
        users = {
            "agentd": ("call,dtmf,system,user", "call,originate,reporting,system,user"),
            "admin": ("all", "all"),
            "lowly": ("call,dialplan,system", "call,originate,reporting"),
        }
        return (
            f"[general]\nenabled = yes\nwebenabled = no\nbindaddr = {HOST}\nport = {self.port}\n"
            f"tlsenable = yes\ntlsbindaddr = {HOST}:{self.tls_port}\n"
            f"tlscertfile = {self.folder}/etc/ami.pem\ntlsprivatekey = {self.folder}/etc/ami.pem\n"
            "timestampevents = yes\nauthtimeout = 10\nchannelvars = AGENTD_SESSION,AGENTD_CALL,AGENTD_ROLE\n"
        ) + "".join(
            f"[{name}]\nsecret = {name[::-1]}\nwritetimeout = 5000\nread = {read}\nwrite = {write}\n"
            for name, (read, write) in users.items()
        )


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now."""
    sockets = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def make_certificate(ca: Path) -> bytes:
    """A self-signed certificate for the host, put into ``ca`` as its authority; key and certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ami test")])
    now = datetime(2020, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    ca.mkdir()
    (ca / "ca.pem").write_bytes(pem)
    private = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()) + pem


class Witness:
    """Remembers a client's events, and waits for those to come."""

    def __init__(self, reactor: Any, client: AMIClient, *kinds: type[Event] | str | None) -> None:
        self.events: list[Event] = []
        self._reactor = reactor
        self._waiting: list[tuple[Callable[[Event], bool], Deferred[Event]]] = []
        for kind in kinds:
            client.register_event(kind, self._saw)

    def _saw(self, client: AMIClient, event: Event) -> None:
        self.events.append(event)
        for entry in [entry for entry in self._waiting if entry[0](event)]:
            self._waiting.remove(entry)
            entry[1].callback(event)

    def when(self, name: str, **headers: str) -> Deferred[Any]:
        """The first event of this name with these headers, past or to come; at most 10 s."""

        def fits(event: Event) -> bool:
            return event.name == name and all(event.get(key) == value for key, value in headers.items())

        seen: Deferred[Event] = Deferred()
        for event in self.events:
            if fits(event):
                seen.callback(event)
                return seen
        self._waiting.append((fits, seen))
        return seen.addTimeout(10, self._reactor)


@pytest.fixture(scope="session")
def ami_rig(tmp_path_factory: pytest.TempPathFactory, asterisk_files: AsteriskFiles, reactor: Any):
    """One Asterisk for all tests of the manager interface."""
    rig = AMIRig(reactor, asterisk_files, tmp_path_factory.mktemp("ami"))
    pytest_twisted.blockon(Deferred.fromCoroutine(rig.asterisk.start()))
    yield rig
    pytest_twisted.blockon(Deferred.fromCoroutine(rig.asterisk.stop()))


@pytest.fixture
def make_client(ami_rig: AMIRig, reactor: Any):
    """Makes clients, which are stopped at the end of the test, when no channel is left either."""
    clients: list[AMIClient] = []

    def make(user: str = "agentd", endpoint: str | None = None, secret: str | None = None, **how: Any) -> AMIClient:
        client = AMIClient(
            user,
            user[::-1] if secret is None else secret,
            endpoint or ami_rig.plain,
            reactor=reactor,
            tuning=how.pop("tuning", Tuning(ping_interval=1, retry_first=0.05)),
            **how,
        )
        clients.append(client)
        return client

    yield make

    async def close() -> None:
        for client in clients:
            await client.stop()
        cleaner = make("admin")
        cleaner.start()
        await cleaner.when_live().addTimeout(10, reactor)
        await cleaner.send_action("Hangup", {"Channel": "/.*/"})
        while await cleaner.core_show_channels() or await cleaner.bridge_list():
            pass  # each look is an answer of Asterisk, which needs a moment to take a bridge down
        await cleaner.stop()

    pytest_twisted.blockon(Deferred.fromCoroutine(close()))
