"""What the kit promises to faces: whole Klein apps over a site in memory."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from klein import Klein
from twisted.internet.defer import Deferred, fail, succeed

from agentd.engine.limits import Allowance
from agentd.http import kit
from agentd.http.addresses import TrustedProxies
from agentd.http.policy import Policy
from tests.http.memory import Memory, get, post


class Broken(Exception):
    pass


class Face:
    """A face with one of everything."""

    app = Klein()

    def __init__(self):
        self.operation = Deferred()
        self.after = []
        self.site = None

    @app.route("/thing", methods=["GET", "PUT"])
    def thing(self, request):
        return kit.plain(request, "a thing")

    @app.route("/slash/")
    def slash(self, request):
        return kit.plain(request, "with a slash")

    @app.route("/bare")
    def bare(self, request):
        return self.operation.addCallback(lambda _: self.after.append("bare"))

    @app.route("/shielded")
    def shielded(self, request):
        return kit.shield(Deferred.fromCoroutine(self._work())).addCallback(lambda text: kit.plain(request, text))

    async def _work(self):
        await self.operation
        self.after.append("shielded")
        return "done"

    @app.route("/fails")
    def fails(self, request):
        return fail(Broken("secret inside"))

    @app.route("/plainly")
    def plainly(self, request):
        return kit.json_answer(request, {"a": 1}, 201)

    @app.route("/params")
    def params(self, request):
        kit.Params.of(request).check()
        return kit.plain(request, "good")

    @app.route("/ambient", methods=["GET", "POST"])
    def ambient(self, request):
        kit.require_same_site(request)
        return kit.plain(request, "let in")

    @app.route("/local")
    def local(self, request):
        return kit.plain(request, "yes" if kit.from_networks(request) else "no")

    @app.route("/token")
    def token(self, request):
        return kit.plain(request, repr(kit.bearer_token(request)))

    @app.route("/names")
    def names(self, request):
        return kit.json_answer(request, {"name": "Ren\udce9", "list": [("\udce9",)], "n": 1})


kit.install_errors(Face.app)


@pytest.fixture
def face():
    return Face()


@pytest.fixture
def memory(face):
    with Memory(face.app.resource()) as memory:
        yield memory


def failures(memory):
    return [event for event in memory.log if event.get("log_failure")]


# --- answers -------------------------------------------------------------------------------------------------


def test_answers_have_a_length_and_a_type(memory):
    text = memory.ask(get("/thing"))
    assert (text.status, text.body) == (200, b"a thing\n")
    assert text.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.headers["Content-Length"] == "8"
    assert "Transfer-Encoding" not in text.headers
    json = memory.ask(get("/plainly"))
    assert (json.status, json.body) == (201, b'{"a":1}')
    assert json.headers["Content-Type"] == "application/json"
    head = memory.ask(get("/thing", method="HEAD"), method="HEAD")
    assert (head.headers["Content-Length"], head.body) == ("8", b"")


def test_broken_text_from_asterisk_is_no_internal_error(memory):
    assert msgspec.json.decode(memory.ask(get("/names")).body) == {"name": "Ren?", "list": [["?"]], "n": 1}


def test_rate_limit_headers():
    left = {"RateLimit-Limit": "10", "RateLimit-Remaining": "3", "RateLimit-Reset": "60"}
    assert kit.rate_limit_headers(Allowance(True, 10, 3, 60, 0)) == left
    refused = {"RateLimit-Limit": "10", "RateLimit-Remaining": "0", "RateLimit-Reset": "60", "Retry-After": "6"}
    assert kit.rate_limit_headers(Allowance(False, 10, 0, 60, 6)) == refused


def test_an_echo_leaves_good_text_alone():
    assert kit.echo("Änn Ö, 7275551212") == "Änn Ö, 7275551212"


@given(st.text(st.one_of(st.sampled_from("|<>&\r\n\0\x85\u2028\udce9a"), st.characters())))
def test_an_echo_is_one_field_of_one_line_without_markup(text):
    echo = kit.echo(text)
    echo.encode("utf-8")
    assert not set(echo) & set("|<>&\0")
    assert len(f"{echo}x".splitlines()) == 1


# --- what Klein leaves ---------------------------------------------------------------------------------------


def test_an_unknown_url_is_404_without_an_echo(memory):
    answer = memory.ask(get("/nowhere%3Cscript%3E"))
    assert answer.status == 404
    assert "script" not in answer.text
    assert failures(memory) == []


def test_a_wrong_method_is_405_with_allow(memory):
    answer = memory.ask(get("/thing", method="DELETE"))
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD, PUT")


def test_a_redirect_stays_one(memory):
    answer = memory.ask(get("/slash"))
    assert answer.status == 308
    assert answer.headers["Location"].endswith("/slash/")


def test_a_bad_parameter_is_400_and_named(memory):
    answer = memory.ask(get("/params?comments=%00"))
    assert (answer.status, "comments" in answer.text) == (400, True)


def test_an_unexpected_failure_is_500_with_only_its_id(memory):
    answer = memory.ask(get("/fails"))
    assert answer.status == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "secret" not in answer.text
    [logged] = failures(memory)
    assert logged["request"] == answer.headers["X-Request-Id"]
    assert logged["log_failure"].check(Broken)


def test_a_face_may_word_the_errors():
    class Worded:
        app = Klein()

    kit.install_errors(Worded.app, lambda request, text, status: kit.json_answer(request, [text], status))
    with Memory(Worded().app.resource()) as memory:
        answer = memory.ask(get("/nowhere"))
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/json")


# --- shields -------------------------------------------------------------------------------------------------


def test_without_a_shield_klein_cancels_the_operation(memory, face):
    """The fact that the shield is there for."""
    connection = memory.connect()
    connection.send(get("/bare"))
    connection.lose()
    assert face.operation.called


def test_a_shielded_operation_runs_to_its_end_when_the_client_goes(memory, face):
    connection = memory.connect()
    connection.send(get("/shielded"))
    connection.lose()
    assert not face.operation.called
    face.operation.callback(None)
    assert face.after == ["shielded"]
    assert failures(memory) == []


def test_a_shielded_operation_answers_a_client_that_stays(memory, face):
    connection = memory.connect()
    connection.send(get("/shielded"))
    face.operation.callback(None)
    assert connection.answer().text == "done\n"


def test_a_failure_after_the_client_went_is_logged(memory, face):
    connection = memory.connect()
    connection.send(get("/shielded"))
    connection.lose()
    face.operation.errback(Broken())
    [logged] = failures(memory)
    assert logged["log_failure"].check(Broken)


def test_a_shield_passes_on_results_and_failures():
    seen = []
    kit.shield(succeed(1)).addCallback(seen.append)
    kit.shield(fail(Broken())).addErrback(lambda failure: seen.append(failure.type))
    assert seen == [1, Broken]


# --- who is asking -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 200),
        (["Sec-Fetch-Site: same-origin"], 200),
        (["Sec-Fetch-Site: none"], 200),
        (["Sec-Fetch-Site: cross-site"], 403),
        (["Sec-Fetch-Site: same-site"], 403),
        (["Sec-Fetch-Site: cross-site", "Origin: http://localhost:8077"], 403),
        (["Origin: http://localhost:8077"], 200),
        (["Origin: https://LOCALHOST:8077"], 200),
        (["Origin: http://localhost:8078"], 403),
        (["Origin: http://localhost"], 403),
        (["Origin: http://evil.example"], 403),
        (["Origin: http://localhost:8077.evil.example"], 403),
        (["Origin: http://localhost:8077@evil.example"], 403),
        (["Origin: null"], 403),
        (["Referer: http://localhost:8077/page?x=1"], 200),
        (["Referer: http://evil.example/localhost:8077"], 403),
    ],
)
def test_pages_of_other_sites_are_refused_where_authority_is_ambient(memory, headers, status):
    assert memory.ask(get("/ambient", *headers, host="localhost:8077")).status == status
    assert memory.ask(get("/ambient", *headers, host="localhost:8077", method="POST")).status == status


def test_a_default_port_may_be_left_out(memory):
    assert memory.ask(get("/ambient", "Origin: http://localhost:80", host="localhost")).status == 200
    assert memory.ask(get("/ambient", "Origin: https://localhost", host="localhost:443")).status == 200


@pytest.mark.parametrize(
    ("peer", "headers", "proxies", "said"),
    [
        ("127.0.0.1", [], [], "yes"),
        ("::1", [], [], "yes"),
        ("192.0.2.1", [], [], "no"),
        ("127.0.0.1", ["X-Forwarded-For: 192.0.2.1"], [], "no"),
        ("127.0.0.1", ["X-Forwarded-For: 127.0.0.1"], [], "no"),
        ("127.0.0.1", ["X-Forwarded-For: 192.0.2.1"], ["127.0.0.1"], "no"),
        ("192.0.2.1", ["X-Forwarded-For: 127.0.0.1"], ["127.0.0.1"], "no"),
    ],
)
def test_a_face_that_trusts_addresses_is_not_fooled_by_a_proxy(face, peer, headers, proxies, said):
    with Memory(face.app.resource(), Policy(proxies=TrustedProxies(proxies))) as memory:
        assert memory.ask(get("/local", *headers), peer=peer).text == said + "\n"


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer agentd_abc-_", "'agentd_abc-_'"),
        ("bearer  abc", "'abc'"),
        ("Basic abc", "None"),
        ("Bearer", "None"),
        ("Bearer a b", "None"),
        ("Bearer " + "a" * 513, "None"),
    ],
)
def test_bearer_tokens(memory, header, token):
    assert memory.ask(get("/token", f"Authorization: {header}")).text == token + "\n"


# --- tables --------------------------------------------------------------------------------------------------


class Base(Exception):
    pass


class Group(Base):
    abstract = True


class One(Group):
    pass


class Two(Group):
    pass


class Three(Two):
    pass


def test_the_nearest_answer_is_found():
    table = kit.ErrorTable({Base: "base", Two: "two"})
    assert [table.find(error) for error in (One(), Two(), Three())] == ["base", "two", "two"]
    assert table.find(ValueError()) is None


def test_missing_answers_are_listed_whatever_the_base_has():
    assert kit.ErrorTable({Base: "x"}).missing(Base) == [One, Two, Three]
    assert kit.ErrorTable({Two: "x"}).missing(Base) == [One]
    assert kit.ErrorTable({Group: "x"}).missing(Base) == []


def test_a_post_with_a_form_reaches_params(memory):
    assert memory.ask(post("/params", b"a=%ff")).status == 400
    assert memory.ask(post("/params", b"a=%c3%a9")).status == 200
