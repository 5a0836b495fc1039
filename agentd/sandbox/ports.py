"""The addresses of one sandbox: found free once, then kept in its folder."""

from __future__ import annotations

import contextlib
import json
import secrets
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["CARRIER_HOST", "PBX_HOST", "RTP_SPAN", "Ports", "find_ports", "kept_ports"]

PBX_HOST = "127.0.0.1"
CARRIER_HOST = "127.0.0.2"
RTP_SPAN = 1000
"""RTP ports of each Asterisk, from its first one on."""

_RTP_LOWEST, _RTP_HIGHEST = 11000, 31000


@dataclass(frozen=True)
class Ports:
    """All ports of a sandbox; the hosts are PBX_HOST but for the carrier, which is at CARRIER_HOST."""

    pbx_sip: int
    pbx_ami: int
    pbx_rtp: int
    fastagi: int
    """For the daemon; the sandbox itself only tells its PBX about it."""
    phones_sip: int
    carrier_sip: int
    world_ami: int
    world_rtp: int


def find_ports() -> Ports:
    """Ports that are free now."""
    with contextlib.ExitStack() as held:
        tcp = [held.enter_context(_bound(socket.SOCK_STREAM, PBX_HOST)) for _ in range(3)]
        udp = [held.enter_context(_bound(socket.SOCK_DGRAM, host)) for host in (PBX_HOST, PBX_HOST, CARRIER_HOST)]
        pbx_ami, fastagi, world_ami = (port.getsockname()[1] for port in tcp)
        pbx_sip, phones_sip, carrier_sip = (port.getsockname()[1] for port in udp)
    # A busy port inside a range does no harm: Asterisk takes the next. So the two ranges are only drawn apart.
    blocks = range(_RTP_LOWEST, _RTP_HIGHEST, RTP_SPAN)
    pbx_rtp, world_rtp = secrets.SystemRandom().sample(blocks, 2)
    return Ports(pbx_sip, pbx_ami, pbx_rtp, fastagi, phones_sip, carrier_sip, world_ami, world_rtp)


def kept_ports(file: Path) -> Ports:
    """The ports that the file names, if all are free; else new ones, written to it."""
    try:
        ports = Ports(**json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        ports = None
    if ports is None or not _free(ports):
        ports = find_ports()
        file.write_text(json.dumps(asdict(ports), indent=2) + "\n")
    return ports


def _free(ports: Ports) -> bool:
    tcp = [(socket.SOCK_STREAM, PBX_HOST, port) for port in (ports.pbx_ami, ports.fastagi, ports.world_ami)]
    udp = [(socket.SOCK_DGRAM, PBX_HOST, port) for port in (ports.pbx_sip, ports.phones_sip)]
    try:
        for kind, host, port in (*tcp, *udp, (socket.SOCK_DGRAM, CARRIER_HOST, ports.carrier_sip)):
            _bound(kind, host, port).close()
    except OSError:
        return False
    return True


def _bound(kind: socket.SocketKind, host: str, port: int = 0) -> socket.socket:
    """A socket bound there. Connections of an earlier run that linger (TIME_WAIT) are no hindrance."""
    bound = socket.socket(socket.AF_INET, kind)
    if kind is socket.SOCK_STREAM:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError:
        bound.close()
        raise
    return bound
