"""Who may have what: every route that exists, for every role; and what guards all of them."""

from collections.abc import Iterator

import pytest
from starlette.routing import Route

from dompet.streams.access.entries import Entries, Entry
from dompet.streams.access.roles import Role
from dompet.streams.web.app import ROUTES, application
from dompet.streams.web.core.asking import Asker
from dompet.streams.web.core.guard import SESSION, VISIT, Guard
from dompet.streams.web.core.routes import Page
from tests.support.warehouses import empty_warehouse
from tests.support.web import LOCAL, SECRET, Served, filled, served

pytestmark = pytest.mark.server

_OPEN = {"/health", "/ready", "/static/{digest}/{name}"}
_TOKENS: dict[str, str] = {}
_LIVE = "/pipeline/live"


def _entries() -> Entries:
    made = {}
    for role in Role:
        party = "tokopedia" if role is Role.PUBLISHER else ""
        made[str(role)], _TOKENS[role] = Entry(str(role), frozenset({role}), party).rotated("test")
    return Entries(made)


ENTRIES = _entries()
GUARD = Guard(SECRET, entrances=ENTRIES, names=frozenset({"pages.example"}), proxy_header="X-User")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with empty_warehouse("embedded", "") as url:
        settings = filled(url, tmp_path_factory.mktemp("home"))
        with served(settings, GUARD) as one:
            yield one


def path_of(page: Page) -> str:
    return page.path.replace("{name}", "waves")


def asked(pages: Served, page: Page, **headers: str) -> tuple[int, str]:
    answer = pages.post(path_of(page), {}, **headers) if page.method == "POST" else pages.get(path_of(page), **headers)
    return answer.status, answer.text


def bearer(role: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {_TOKENS[role]}"}


def test_every_route_that_exists_is_declared_with_its_roles(pages: Served) -> None:
    made = application(Asker(pages.asker.settings), GUARD)
    paths = {
        (route.path, method) for route in made.routes if isinstance(route, Route) for method in route.methods or ()
    }
    declared = {(page.path, page.method) for page in ROUTES} | {(path, "GET") for path in _OPEN}
    assert {one for one in paths if one[1] != "HEAD"} == declared


@pytest.mark.parametrize("role", Role)
def test_each_role_may_have_what_its_routes_say_and_nothing_else(pages: Served, role: Role) -> None:
    for page in ROUTES:
        if page.path == _LIVE:
            continue
        own = role is Role.PUBLISHER and page.own
        status, text = asked(pages, page, **bearer(role))
        refused = status == 403 and "it takes the role" in text
        assert refused == (not page.public and role not in page.roles and not own), (page.path, role, status)


def test_nobody_has_anything_without_signing_in(pages: Served) -> None:
    for page in ROUTES:
        status, _ = asked(pages, page)
        if page.public:
            assert status in (200, 303, 400, 403), page.path
        else:
            assert status == (303 if page.method == "GET" and not page.program else 401), page.path


def test_a_form_without_the_token_of_its_page_is_refused(pages: Served) -> None:
    for page in ROUTES:
        if page.method == "POST":
            role = next(iter(sorted(page.roles)))
            assert asked(pages, page, **bearer(role))[0] == 403, page.path


def test_a_publisher_sees_only_what_is_its_own(pages: Served) -> None:
    own = pages.get("/api/v1/events", {"limit": "500"}, **bearer("publisher")).json["rows"]
    assert {row["publisher_id"] for row in own} <= {"tokopedia"}
    other = pages.get("/api/v1/events", {"publisher": "ruangguru"}, **bearer("publisher"))
    assert (other.status, other.json["detail"]) == (403, "publisher may see only what is of tokopedia")


def test_a_viewer_is_shown_no_person(pages: Served) -> None:
    page = pages.get("/exceptions", **bearer("viewer"))
    assert page.status == 200
    assert "/person" not in page.text
    assert pages.get("/list/orders", **bearer("viewer")).status == 403


def test_every_answer_carries_the_headers_that_keep_a_page_to_itself(pages: Served) -> None:
    for path in ("/", "/api/v1/waves", "/nothing", "/sign-in"):
        headers = pages.get(path, **bearer("viewer")).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["evil.example", "", "127.0.0.1.evil.example:80", "localhost.evil.example"])
def test_a_host_that_is_not_ours_is_refused(pages: Served, host: str) -> None:
    assert pages.get("/", Host=host, **bearer("viewer")).status in (400, 421)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "[::1]:8080", "pages.example"])
def test_a_host_that_is_ours_is_answered(pages: Served, host: str) -> None:
    assert pages.get("/pipeline", Host=host, **bearer("viewer")).status == 200


def signed_in(pages: Served, token: str) -> tuple[int, str]:
    form = pages.get("/sign-in")
    visit = form.headers["set-cookie"].partition(";")[0]
    csrf = GUARD.csrf(visit.partition("=")[2])
    answer = pages.post("/sign-in", {"csrf": csrf, "token": token}, Cookie=visit)
    cookie = answer.headers.get("set-cookie", "")
    if answer.status == 303:
        assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Max-Age"))
        assert VISIT in visit
    return answer.status, cookie.partition(";")[0]


def test_a_token_becomes_a_session_that_ends_with_the_token(pages: Served) -> None:
    entry, token = Entry("ani", frozenset({Role.OFFICER})).rotated("test")
    ENTRIES.put("ani", entry)
    status, session = signed_in(pages, token)
    assert status == 303
    assert session.startswith(SESSION)
    assert pages.get("/list/orders", Cookie=session).status == 200
    forged = session[:-1] + ("0" if session[-1] != "0" else "1")
    assert pages.get("/list/orders", Cookie=forged).status == 303
    ENTRIES.put("ani", entry.revoked("test"))
    assert pages.get("/list/orders", Cookie=session).status == 303
    assert signed_in(pages, token)[0] == 401


def test_a_session_lasts_no_longer_than_it_says() -> None:
    entry, token = Entry("ani", frozenset({Role.OFFICER})).rotated("test")
    entries, clock = Entries({"ani": entry}), [1_000.0]
    guard = Guard(SECRET, entrances=entries, now_s=lambda: clock[0])
    session = guard.session_for(token)

    class Asked:
        headers: dict[str, str] = {}  # noqa: RUF012
        cookies = {SESSION: session}  # noqa: RUF012

    assert guard.known(Asked()).name == "ani"  # type: ignore[arg-type]
    clock[0] += 8 * 3600 + 1
    assert guard.known(Asked()).name == ""  # type: ignore[arg-type]


def test_a_trusted_proxy_names_who_asks(pages: Served) -> None:
    assert pages.get("/list/orders", X_User="officer").status == 200
    assert pages.get("/list/orders", X_User="viewer").status == 403
    assert pages.get("/list/orders", X_User="nobody").status == 403


def test_on_this_machine_nobody_signs_in_but_forms_still_carry_their_token(pages: Served) -> None:
    pages.asker.close()  # an embedded warehouse takes one at a time
    with served(pages.asker.settings, LOCAL) as local:
        assert local.get("/sign-in").status == 303
        assert local.post("/settlement/issue", {"csrf": "x"}).status == 403
        page = local.get("/settlement")
        visit = page.headers["set-cookie"].partition(";")[0]
        csrf = LOCAL.csrf(visit.partition("=")[2])
        sent = {"csrf": csrf, "platform": "toko", "institution": "", "from": "2020-13-01", "to": "2020-04-30"}
        answer = local.post("/settlement/issue", sent, Cookie=visit)
        assert answer.status == 400
        assert "2020-13-01" in answer.text
        across = local.post("/settlement/issue", sent, Cookie=visit, Sec_Fetch_Site="cross-site")
        assert across.status == 403
        other = local.post("/settlement/issue", sent, Cookie=visit, Origin="http://evil.example")
        assert other.status == 403
