"""The server's promises, without sockets: limits, hosts, headers, time, log, drain."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry
from twisted.python.failure import Failure
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET

from agentd.http.addresses import TrustedProxies
from agentd.http.hosts import HostList, machine_names
from agentd.http.metrics import HttpMetrics
from agentd.http.policy import Policy
from agentd.http.site import Root
from tests.http.memory import Memory, get, post

KIB = 1024


class Echo(Resource):
    """Answers with the length of what came; GET of /later answers when told."""

    isLeaf = True

    def __init__(self):
        super().__init__()
        self.waiting = []
        self.gone = []

    def render_GET(self, request):
        if request.path == b"/later":
            self.waiting.append(request)
            request.notifyFinish().addErrback(lambda _: self.gone.append(request))
            return NOT_DONE_YET
        if request.path == b"/broken":
            raise RuntimeError("secret inside")
        if request.path == b"/page":
            request.setHeader(b"Content-Security-Policy", b"default-src 'self'")
        return b"hello"

    def render_POST(self, request):
        return b"%d" % len(request.content.read())


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def memory(echo):
    with Memory(echo) as memory:
        yield memory


def assert_hardened(answer):
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert answer.headers["Server"] == "agentd"
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Date"].endswith("GMT")


# --- what is served ------------------------------------------------------------------------------------------


def test_an_answer_carries_the_security_headers_and_an_id(memory):
    answer = memory.ask(get("/"))
    assert (answer.status, answer.text) == (200, "hello")
    assert_hardened(answer)


def test_a_page_may_have_a_policy_of_its_own(memory):
    answer = memory.ask(get("/page"))
    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_request_ids_differ(memory):
    connection = memory.connect()
    connection.send(get("/") + get("/"))
    first, second = connection.answers()
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_head_has_the_length_and_no_body(memory):
    answer = memory.ask(get("/", method="HEAD"), method="HEAD")
    assert (answer.status, answer.headers["Content-Length"], answer.body) == (200, "5", b"")


def test_an_unexpected_failure_tells_nothing_but_the_id(memory):
    answer = memory.ask(get("/broken"))
    assert answer.status == 500
    assert_hardened(answer)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-Id"] in answer.text
    [failure] = [event for event in memory.log if event.get("log_failure")]
    assert failure["request"] == answer.headers["X-Request-Id"]


def test_a_method_that_the_resource_lacks_is_405_with_allow(memory):
    answer = memory.ask(get("/<script>", method="DELETE"))
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, POST")
    assert "script" not in answer.text


def test_an_unknown_url_is_a_plain_404():
    root = Root()
    root.putChild(b"echo", Echo())
    with Memory(root) as memory:
        for target in ("/", "/nothing/<b>", "//"):
            answer = memory.ask(get(target))
            assert answer.status == 404
            assert "<" not in answer.text
            assert_hardened(answer)
        assert memory.ask(get("/echo")).status == 200


# --- what is refused -----------------------------------------------------------------------------------------


def assert_refused(connection, status):
    answer = connection.answer()
    assert answer.status == status
    assert answer.headers["Connection"] == "close"
    assert_hardened(answer)
    assert connection.closed
    return answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT"])
def test_trace_and_connect_are_not_echoed(memory, method):
    connection = memory.connect()
    connection.send(get("/", "X-Secret: cookie", method=method))
    answer = assert_refused(connection, 405)
    assert "GET" in answer.headers["Allow"]
    assert "cookie" not in answer.text


def test_an_unknown_method_is_501(memory):
    connection = memory.connect()
    connection.send(get("/", method="BREW"))
    assert_refused(connection, 501)


def test_a_url_of_16_kib_is_served_and_a_longer_one_is_414(memory):
    assert memory.ask(get("/?" + "a" * (16 * KIB - 2))).status == 200
    connection = memory.connect()
    connection.send(get("/?" + "a" * (16 * KIB - 1)))
    assert_refused(connection, 414)


def test_a_url_without_end_is_414_before_it_ends(memory):
    connection = memory.connect()
    for _ in range(20):
        connection.send(b"GET /" + b"a" * KIB)
    assert_refused(connection, 414)


def test_headers_without_end_are_431(memory):
    one, many = memory.connect(), memory.connect()
    one.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 17 * KIB)
    assert_refused(one, 431)
    many.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: 123456\r\n" * 2000)
    assert_refused(many, 431)


def test_a_body_of_1_mib_is_served_and_a_longer_one_is_413(memory):
    body = b"a" * KIB * KIB
    assert memory.ask(post("/", body)).text == str(len(body))
    connection = memory.connect()
    connection.send(get("/", f"Content-Length: {len(body) + 1}", method="POST"))
    assert_refused(connection, 413)


def test_a_chunked_body_is_413_when_it_grows_too_long(memory):
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    good, bad = memory.connect(), memory.connect()
    good.send(get("/", "Transfer-Encoding: chunked", method="POST") + chunk * 16 + b"0\r\n\r\n")
    assert good.answer().text == str(KIB * KIB)
    bad.send(get("/", "Transfer-Encoding: chunked", method="POST") + chunk * 16)
    assert bad.raw() == b""
    bad.send(chunk + b"0\r\n\r\n" + get("/"))
    assert_refused(bad, 413)


def test_no_100_continue_for_a_body_that_is_refused(memory):
    connection = memory.connect()
    connection.send(get("/", "Content-Length: 2000000", "Expect: 100-continue", method="POST"))
    assert connection.raw().startswith(b"HTTP/1.1 413 ")


def test_what_a_refused_client_goes_on_sending_is_dropped_then_not_read_and_then_cut_off(memory):
    connection = memory.connect()
    connection.send(get("/", "Content-Length: 1000000000", method="POST"))
    for _ in range(16):
        connection.send(b"a" * 65536)
    assert connection.transport.producerState == "producing"
    connection.send(b"a")
    assert connection.transport.producerState == "paused"
    assert not connection.transport.aborted, "the client may not have read the answer yet"
    memory.time.advance(2.1)
    assert connection.transport.aborted


def test_a_refused_client_that_stays_is_cut_off_after_two_seconds(memory):
    connection = memory.connect()
    connection.send(get("/", host="evil"))
    memory.time.advance(1.9)
    assert not connection.transport.aborted
    memory.time.advance(0.2)
    assert connection.transport.aborted


def test_both_lengths_at_once_are_400(memory):
    connection = memory.connect()
    connection.send(get("/", "Content-Length: 5", "Transfer-Encoding: chunked", method="POST"))
    assert_refused(connection, 400)


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET http://localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"rubbish\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: 1\rX-B: 2\r\n\r\n",
    ],
)
def test_malformed_requests_are_400(memory, request_):
    connection = memory.connect()
    connection.send(request_)
    assert_refused(connection, 400)


@pytest.mark.parametrize("path", ["/%ff", "/%00", "/a%c3", "/x/%C3%28"])
def test_a_path_that_is_no_text_is_400(memory, path):
    assert memory.ask(get(path)).status == 400
    assert memory.ask(get("/%C3%A9")).status == 200


# --- hosts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST.:8077", 200),
        ("127.0.0.1:8077", 200),
        ("[::1]:8077", 200),
        ("192.0.2.7", 200),
        ("PBX.example.com", 200),
        ("192.0.2.8", 421),
        ("evil.example", 421),
        ("pbx.example.com.evil.example", 421),
        ("localhost@evil.example", 421),
        ("localhost:x", 421),
        ("", 421),
    ],
)
def test_only_our_own_hosts_are_served(echo, host, status):
    with Memory(echo, Policy(hosts=HostList(["pbx.example.com"]))) as memory:
        connection = memory.connect(host="192.0.2.7")
        connection.send(get("/", host=host))
        assert connection.answer().status == status
        again = memory.connect(host="192.0.2.7")
        again.send(get("/", host=host))
        assert again.answer().status == status


def test_the_address_of_one_connection_does_not_make_it_a_host_of_another(echo):
    with Memory(echo) as memory:
        first = memory.connect(host="192.0.2.7")
        first.send(get("/", host="192.0.2.7"))
        second = memory.connect(host="192.0.2.8")
        second.send(get("/", host="192.0.2.7"))
        assert (first.answer().status, second.answer().status) == (200, 421)


def test_the_machine_knows_its_names(tmp_path):
    import socket

    own = socket.gethostname()
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost\n127.0.1.1 {own}.example.com {own} pbx # other\n192.0.2.1 far\n")
    assert {own.lower(), f"{own}.example.com".lower(), "pbx"} <= machine_names(hosts)
    assert "far" not in machine_names(hosts)
    assert own.lower() in machine_names(tmp_path / "none")


# --- time ----------------------------------------------------------------------------------------------------


def test_headers_that_trickle_are_408_at_their_deadline(memory):
    connection = memory.connect()
    for byte in get("/")[:9]:
        connection.send(bytes([byte]))
        memory.time.advance(1)
    assert connection.raw() == b""
    memory.time.advance(1.1)
    assert_refused(connection, 408)


def test_a_body_that_trickles_is_408_at_its_deadline(memory):
    connection = memory.connect()
    connection.send(get("/", "Content-Length: 1000", method="POST"))
    for _ in range(59):
        connection.send(b"a")
        memory.time.advance(1)
    assert connection.raw() == b""
    memory.time.advance(1.1)
    assert_refused(connection, 408)


def test_an_idle_connection_is_closed_after_its_time_and_no_earlier(memory):
    connection = memory.connect()
    connection.send(get("/"))
    memory.time.advance(74)
    connection.send(get("/"))
    memory.time.advance(74)
    assert not connection.closed
    memory.time.advance(2)
    assert connection.closed
    assert len(connection.answers()) == 2


def test_a_long_answer_is_not_cut_by_the_idle_time(memory, echo):
    connection = memory.connect()
    connection.send(get("/later"))
    memory.time.advance(1000)
    assert not connection.closed
    echo.waiting[0].write(b"done")
    echo.waiting[0].finish()
    assert connection.answer().text == "done"


def test_a_client_that_does_not_read_its_last_answer_is_cut_off(memory):
    connection = memory.connect()
    connection.send(get("/", "Connection: close"))
    assert connection.transport.disconnecting
    memory.time.advance(59)
    assert not connection.transport.aborted
    memory.time.advance(2)
    assert connection.transport.aborted


def test_a_failure_in_the_middle_of_an_answer_ends_the_connection(memory, echo):
    connection = memory.connect()
    connection.send(get("/later"))
    echo.waiting[0].write(b"half of")
    echo.waiting[0].processingFailed(Failure(RuntimeError("secret inside")))
    assert connection.transport.aborted
    assert b"secret" not in connection.raw()


def test_no_timer_is_left_when_a_connection_is_gone(memory):
    for request in (get("/"), get("/")[:7], post("/", b"abc")[:-1], get("/", host="evil"), get("/later")):
        connection = memory.connect()
        connection.send(request)
        connection.lose()
    assert memory.time.getDelayedCalls() == []
    assert memory.site.connections == 0


def test_a_client_that_goes_away_is_noticed(memory, echo):
    connection = memory.connect()
    connection.send(get("/later"))
    connection.lose()
    assert echo.gone == echo.waiting
    [entry] = memory.access()
    assert entry["status"] == 499


# --- how many ------------------------------------------------------------------------------------------------


def test_a_new_connection_displaces_the_longest_idle_one(echo):
    with Memory(echo, Policy(max_connections=2)) as memory:
        older, newer = memory.connect(), memory.connect()
        older.send(get("/"))
        third = memory.connect()
        assert newer.closed
        assert not older.closed
        third.send(get("/"))
        assert third.answer().status == 200


def test_when_all_connections_are_busy_the_next_is_503(echo):
    with Memory(echo, Policy(max_connections=2)) as memory:
        busy = [memory.connect(), memory.connect()]
        busy[0].send(get("/later"))
        busy[1].send(get("/")[:5])
        third = memory.connect()
        answer = assert_refused(third, 503)
        assert answer.headers["Retry-After"] == "1"
        busy[0].lose()
        fourth = memory.connect()
        fourth.send(get("/"))
        assert fourth.answer().status == 200


def test_a_flood_is_not_even_told(echo):
    with Memory(echo, Policy(max_connections=1)) as memory:
        memory.connect().send(get("/later"))
        for _ in range(100):
            memory.connect()
        assert memory.site.buildProtocol(None) is None


# --- proxies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("peer", "headers", "address", "sure"),
    [
        ("192.0.2.1", [], "192.0.2.1", True),
        ("192.0.2.1", ["X-Forwarded-For: 198.51.100.1"], "192.0.2.1", False),
        ("192.0.2.1", ["Forwarded: for=198.51.100.1"], "192.0.2.1", False),
        ("192.0.2.1", ["Via: 1.1 cache"], "192.0.2.1", False),
        ("10.0.0.1", [], "10.0.0.1", True),
        ("10.0.0.1", ["X-Forwarded-For: 198.51.100.1"], "198.51.100.1", True),
        ("10.0.0.1", ["X-Forwarded-For: 127.0.0.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1", True),
        ("10.0.0.1", ["X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 198.51.100.1"], "198.51.100.1", True),
        ("10.0.0.1", ["X-Forwarded-For: 10.0.0.7, 10.0.0.8"], "10.0.0.7", True),
        ("10.0.0.1", ["X-Forwarded-For: 127.0.0.1, rubbish"], "10.0.0.1", False),
        ("10.0.0.1", ['Forwarded: for="[2001:db8::1]:4711";proto=https'], "2001:db8::1", True),
        ("10.0.0.1", ["Forwarded: for=127.0.0.1, For=198.51.100.1:80;by=10.0.0.1"], "198.51.100.1", True),
        ("10.0.0.1", ["Forwarded: for=unknown"], "10.0.0.1", False),
        ("10.0.0.1", ["Forwarded: proto=https"], "10.0.0.1", False),
        ("10.0.0.1", ["Forwarded: for=127.0.0.1", "X-Forwarded-For: 198.51.100.1"], "10.0.0.1", False),
        ("10.0.0.1", ["X-Real-Ip: 198.51.100.1"], "10.0.0.1", False),
        ("10.0.0.1", ["X-Forwarded-For: ::ffff:198.51.100.1"], "198.51.100.1", True),
    ],
)
def test_only_configured_proxies_are_believed(peer, headers, address, sure):
    seen = []

    class See(Resource):
        isLeaf = True

        def render_GET(self, request):
            seen.append(request.client_address)
            return b""

    with Memory(See(), Policy(proxies=TrustedProxies(["10.0.0.0/8"]))) as memory:
        memory.ask(get("/", *headers), peer=peer)
        assert seen == [(address, sure)]
        assert memory.access()[0]["client"] == address


# --- the log -------------------------------------------------------------------------------------------------


def test_the_access_log_has_all_but_the_secrets(memory):
    answer = memory.ask(get("/agc/api.php?user=6666&pass=s3cret&function=version"))
    [entry] = memory.access()
    assert entry["method"] == "GET"
    assert entry["path"] == "/agc/api.php"
    assert entry["status"] == 200
    assert entry["bytes"] == 5
    assert entry["client"] == "127.0.0.1"
    assert entry["ms"] >= 0
    assert entry["request"] == answer.headers["X-Request-Id"]
    memory.ask(get("/agc/api.php?pass=s3cret", host="evil"))
    memory.ask(post("/agc/api.php?secure=s3cret", b"pass=s3cret", "Authorization: Bearer s3cret"))
    memory.ask(get("/agc/api.php?pass=s3cret" + "a" * 17 * KIB))
    assert len(memory.access()) == 4
    assert "s3cret" not in memory.logged_text()


def test_a_request_without_a_line_is_not_logged_as_the_one_before(memory):
    connection = memory.connect()
    connection.send(get("/first") + b"GE")
    memory.time.advance(11)
    assert [entry["path"] for entry in memory.access()] == ["/first", "-"]
    assert memory.access()[1]["status"] == 408


def test_a_secret_in_a_path_is_taken_out_by_the_policy(echo):
    policy = Policy(path_for_log=lambda path: path.rpartition("/")[0] + "/…")
    with Memory(echo, policy) as memory:
        memory.ask(get("/apitoken/login/1000/s3cret"))
        memory.ask(get("/apitoken/login/1000/s3cret", host="evil"))
        assert "s3cret" not in memory.logged_text()
        assert len(memory.access()) == 2


def test_nothing_unprintable_gets_into_the_log(memory):
    connection = memory.connect()
    connection.send(b"GET /\x1b[31m\x85 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    [entry] = memory.access()
    assert "\x1b" not in entry["path"]
    assert "\x85" not in entry["path"]


def test_notes_of_a_face_are_in_the_log(memory, echo):
    connection = memory.connect()
    connection.send(get("/later"))
    echo.waiting[0].notes["agent"] = "1000"
    echo.waiting[0].finish()
    assert memory.access()[0]["agent"] == "1000"


def test_answers_refusals_and_connections_are_counted(echo):
    registry = CollectorRegistry()
    with Memory(echo, metrics=HttpMetrics(registry)) as memory:
        memory.ask(get("/"))
        memory.ask(get("/broken"))
        memory.ask(get("/", host="evil"))
        assert registry.get_sample_value("agentd_http_answers_total", {"status": "2xx"}) == 1
        assert registry.get_sample_value("agentd_http_answers_total", {"status": "5xx"}) == 1
        assert registry.get_sample_value("agentd_http_refused_total", {"status": "421"}) == 1
        assert registry.get_sample_value("agentd_http_connections") == 2


# --- the end -------------------------------------------------------------------------------------------------


def test_drain_lets_answers_finish_and_closes_the_rest(memory, echo):
    idle, busy, arriving = memory.connect(), memory.connect(), memory.connect()
    idle.send(get("/"))
    busy.send(get("/later"))
    arriving.send(get("/")[:10])
    drained = []
    memory.site.drain(grace=5).addCallback(drained.append)
    memory.time.advance(0.3)
    assert idle.closed
    arriving.send(get("/")[10:])
    assert arriving.answer().headers["Connection"] == "close"
    assert arriving.closed
    idle.lose()
    arriving.lose()
    assert not busy.closed
    assert drained == []
    echo.waiting[0].finish()
    assert busy.answer().headers["Connection"] == "close"
    assert busy.closed
    busy.lose()
    assert drained == [None]
    assert memory.time.getDelayedCalls() == []


def test_a_request_that_was_on_its_way_when_the_drain_began_is_served(memory):
    connection = memory.connect()
    memory.site.drain()
    memory.time.advance(0.2)
    connection.send(get("/"))
    assert connection.answer().status == 200


def test_drain_cuts_off_what_does_not_finish(memory):
    connection = memory.connect()
    connection.send(get("/later"))
    drained = []
    memory.site.drain(grace=5).addCallback(drained.append)
    memory.time.advance(5)
    assert connection.transport.aborted
    connection.lose()
    assert drained == [None]


def test_a_drained_site_takes_nothing_new(memory):
    drained = []
    memory.site.drain().addCallback(drained.append)
    assert drained == [None]
    assert_refused(memory.connect(), 503)
