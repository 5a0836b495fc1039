"""Who may come in: passwords (argon2id) and bearer tokens.

Clients of the agent API send the password with every request, so a password that was found right is
remembered for a minute, as a keyed digest, and then answers without a hash and without a thread. The
parameters of the hash (19 MiB, 2 passes, 1 lane) are those of OWASP's password storage cheat sheet.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache, partial
from ipaddress import IPv6Address, ip_address

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from twisted.internet import defer
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from agentd.engine.clock import Clock
from agentd.engine.limits import SlidingWindow

__all__ = [
    "AuthLimits",
    "Authenticator",
    "HashOf",
    "InThread",
    "Verdict",
    "address_key",
    "hash_password",
    "new_token",
    "token_digest",
]

HashOf = Callable[[str], str | None]
"""The stored argon2 hash of an active user, None for any other; must not block."""

InThread = Callable[[Callable[[], bool]], "Deferred[bool]"]
"""Runs a function off the reactor's thread, such as ``partial(deferToThreadPool, reactor, pool)``."""

_log = Logger()
_argon2 = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Verdict(StrEnum):
    """What became of a user name and password; the values are the words that the agent API prints."""

    GOOD = "GOOD"
    BAD = "BAD"
    LOCK = "LOCK"
    IPBLOCK = "IPBLOCK"


@dataclass(frozen=True, slots=True)
class AuthLimits:
    """The numbers of COMPLETIONS' rules for wrong passwords; times in seconds."""

    remembered: float = 60.0
    period: float = 15 * 60.0
    per_user_and_address: int = 10
    per_address: int = 100
    known_for: float = 24 * 3600.0
    at_a_time: int = 2
    waiting: int = 32
    max_keys: int = 10_000


@dataclass(slots=True)
class _Remembered:
    mac: bytes
    stored: str
    until: float


@dataclass(frozen=True, slots=True)
class _Who:
    """One user coming from one address, both in the bounded form in which they are counted."""

    user: str
    address: str


@dataclass(slots=True)
class _Check:
    """One hash under way or in line, and everybody who waits for it."""

    user: str
    mac: bytes = field(repr=False)
    stored: str | None = field(repr=False)
    charged: dict[_Who, tuple[float, bool]] = field(default_factory=dict)
    waiting: list[Deferred[Verdict]] = field(default_factory=list)


class Authenticator:
    """Says whether a password is right, at a bounded cost, and stops guessing."""

    def __init__(self, hash_of: HashOf, clock: Clock, in_thread: InThread, limits: AuthLimits | None = None) -> None:
        self._hash_of = hash_of
        self._clock = clock
        self._in_thread = in_thread
        self._limits = limits or AuthLimits()
        size = self._limits.max_keys
        self._wrong: SlidingWindow[_Who] = SlidingWindow(
            self._limits.per_user_and_address, self._limits.period, max_keys=size
        )
        self._wrong_from: SlidingWindow[str] = SlidingWindow(
            self._limits.per_address, self._limits.period, max_keys=size
        )
        self._known: OrderedDict[_Who, float] = OrderedDict()
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._checks: dict[bytes, _Check] = {}
        self._line: deque[tuple[_Check, str]] = deque()
        self._running = 0
        self._key = secrets.token_bytes(32)
        self._dummy = _dummy_hash()

    def verify(self, user: str, password: str, address: str) -> Deferred[Verdict]:
        """Fires with the verdict, never with a failure; at once where the password is remembered.

        ``LOCK`` means that nothing was looked at: too many wrong passwords, or too many hashes in line.
        """
        now = self._clock.monotonic()
        who = _Who(_short(user), address_key(address))
        if self._locked(who, now):
            return defer.succeed(Verdict.LOCK)
        mac = self._mac(user, password)
        stored = self._hash_of(user)
        if stored is not None and self._is_remembered(user, mac, stored, now):
            self._note_known(who, now)
            return defer.succeed(Verdict.GOOD)
        check = self._checks.get(mac)
        if check is None or check.stored != stored:
            if self._running >= self._limits.at_a_time and len(self._line) >= self._limits.waiting:
                return defer.succeed(Verdict.LOCK)
            check = self._checks[mac] = _Check(user, mac, stored)
            self._line.append((check, password))
        self._charge(check, who, now)
        answer: Deferred[Verdict] = Deferred()
        check.waiting.append(answer)
        self._start_hashes()
        return answer

    def forget(self, user: str) -> None:
        """Drop what is remembered of a user's password; to be called when the user changed."""
        self._remembered.pop(user, None)

    # --- counting ------------------------------------------------------------------------------------

    def _locked(self, who: _Who, now: float) -> bool:
        if self._wrong.full(who, now):
            return True
        return self._wrong_from.full(who.address, now) and not self._is_known(who, now)

    def _is_known(self, who: _Who, now: float) -> bool:
        return now - self._known.get(who, float("-inf")) < self._limits.known_for

    def _note_known(self, who: _Who, now: float) -> None:
        self._known[who] = now
        self._known.move_to_end(who)
        if len(self._known) > self._limits.max_keys:
            self._known.popitem(last=False)

    def _charge(self, check: _Check, who: _Who, now: float) -> None:
        """Count a wrong password before the answer is known, so that guesses sent all at once don't all pass.

        The same password sent many times at once is one guess.
        """
        if who in check.charged:
            return
        self._wrong.add(who, now)
        # A known user passes a full address; a place he takes and gives back would be one guess for others.
        also_address = not self._wrong_from.full(who.address, now)
        if also_address:
            self._wrong_from.add(who.address, now)
        check.charged[who] = now, also_address

    def _give_back(self, check: _Check) -> None:
        for who, (when, also_address) in check.charged.items():
            self._wrong.take_back(who, when)
            if also_address:
                self._wrong_from.take_back(who.address, when)

    # --- remembering ---------------------------------------------------------------------------------

    def _mac(self, user: str, password: str) -> bytes:
        name = user.encode("utf-8", "surrogatepass")
        text = b"%d:%s%s" % (len(name), name, password.encode("utf-8", "surrogatepass"))
        return hashlib.blake2b(text, key=self._key, digest_size=32).digest()

    def _is_remembered(self, user: str, mac: bytes, stored: str, now: float) -> bool:
        entry = self._remembered.get(user)
        if entry is None:
            return False
        if now >= entry.until or entry.stored != stored:
            del self._remembered[user]
            return False
        return hmac.compare_digest(entry.mac, mac)

    def _remember(self, user: str, mac: bytes, stored: str, now: float) -> None:
        self._remembered[user] = _Remembered(mac, stored, now + self._limits.remembered)
        self._remembered.move_to_end(user)
        if len(self._remembered) > self._limits.max_keys:
            self._remembered.popitem(last=False)

    # --- hashing -------------------------------------------------------------------------------------

    def _start_hashes(self) -> None:
        while self._line and self._running < self._limits.at_a_time:
            check, password = self._line.popleft()
            self._running += 1
            done = self._in_thread(partial(_matches, check.stored or self._dummy, password))
            done.addBoth(self._hashed, check)

    def _hashed(self, result: bool | Failure, check: _Check) -> None:
        self._running -= 1
        if self._checks.get(check.mac) is check:
            del self._checks[check.mac]
        verdict = self._judge(result, check)
        self._start_hashes()
        for waiting in check.waiting:
            waiting.callback(verdict)

    def _judge(self, result: bool | Failure, check: _Check) -> Verdict:
        if isinstance(result, Failure):
            if isinstance(result.value, InvalidHashError):
                _log.error("the stored password hash of {user} is unusable", user=check.user)
                return Verdict.BAD
            _log.failure("a password could not be checked", result)
            self._give_back(check)
            return Verdict.LOCK
        # The user may have changed while the thread was at work: the old password must not count then.
        if not result or check.stored is None or self._hash_of(check.user) != check.stored:
            return Verdict.BAD
        now = self._clock.monotonic()
        self._give_back(check)
        for who in check.charged:
            self._note_known(who, now)
        self._remember(check.user, check.mac, check.stored, now)
        return Verdict.GOOD


def hash_password(password: str) -> str:
    """The argon2id hash to store, parameters and salt included. Some 30 ms: not for the reactor's thread."""
    return _argon2.hash(password.encode("utf-8", "surrogatepass"))


def new_token() -> tuple[str, str]:
    """A new bearer token of 256 random bits as ``(plain, digest)``: show the first once, store the second."""
    plain = "agentd_" + secrets.token_urlsafe(32)
    return plain, token_digest(plain)


def token_digest(plain: str) -> str:
    """The SHA-256 of a token in hex. Looking a token up by this reveals nothing of it through timing."""
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()


def _matches(stored: str, password: str) -> bool:
    """Runs in a thread. Raises argon2's InvalidHashError for a stored text that is no hash."""
    try:
        return _argon2.verify(stored, password.encode("utf-8", "surrogatepass"))
    except VerifyMismatchError:
        return False


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    """What unknown users are checked against, so that they take as long as the others."""
    return hash_password(secrets.token_urlsafe(16))


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one (a household has all of it)."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return _short(address)
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"
    return str(parsed)


def _short(text: str) -> str:
    """A key of bounded length, so that nobody fills the memory with long names."""
    if len(text) <= 64:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
