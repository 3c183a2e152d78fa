"""The files for systemd and nginx do what they say: the pages behind Debian's nginx, with TLS, on this machine."""

import http.client
import io
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cli.small_region import make_region, write_lamp
from web.accounts import PASSWORD

from cosmolocal.records import Person, Role, Scope
from cosmolocal.workflows.incoming import MAX_BYTES
from cosmolocal.workflows.people import OPERATOR, People
from cosmolocal.workflows.workspace import DATABASE

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
CONF = (DEPLOY / "nginx/cosmolocal.conf").read_text("utf-8")
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
SERVICES = sorted((DEPLOY / "systemd").glob("*.service"))
#: [bytes] in place of 512 MiB
LIMIT = 1 << 20
#: every service has these
HARD = (
    *("NoNewPrivileges=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes"),
    *("CapabilityBoundingSet=", "User=cosmolocal", "UMask=0077", "RestrictSUIDSGID=yes", "LockPersonality=yes"),
)


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_is_shut_in(path):
    assert set(HARD) <= set(path.read_text("utf-8").splitlines())


def test_each_timer_has_its_service():
    timers = sorted((DEPLOY / "systemd").glob("*.timer"))
    assert {timer.stem for timer in timers} == {"cosmolocal-backup", "cosmolocal-plan"}
    assert all(timer.with_suffix(".service") in SERVICES for timer in timers)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_understands_every_unit_and_finds_little_to_attack(tmp_path):
    units = []
    for path in (DEPLOY / "systemd").iterdir():
        there = re.sub(r"/opt/cosmolocal\S*", "/bin/true", path.read_text("utf-8"))
        units.append(tmp_path / path.name)
        units[-1].write_text(there)
    said = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if "cosmolocal" in line]
    assert ours == []
    for unit in units:
        if unit.suffix == ".service":
            command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", unit]
            found = subprocess.run(command, capture_output=True, text=True, check=False)
            if "unrecognized option" in found.stderr:
                pytest.skip("this systemd-analyze looks at running units only")
            assert found.returncode == 0, found.stdout[-600:]


def test_the_largest_upload_passes_nginx():
    [size] = re.findall(r"client_max_body_size (\d+)m;", CONF)
    assert MAX_BYTES < int(size) << 20 < MAX_BYTES + (8 << 20)


@dataclass(frozen=True)
class House:
    """The pages behind nginx."""

    port: int
    plain_port: int
    behind_port: int
    context: ssl.SSLContext
    token: str

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=120)
        return talk(connection, method, path, body, headers)

    def ask_behind(self, method: str, path: str, **headers: str) -> tuple[http.client.HTTPResponse, str]:
        return talk(http.client.HTTPConnection("127.0.0.1", self.behind_port, timeout=120), method, path, b"", headers)


def talk(connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body or None, named)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def free_ports(count: int) -> list[int]:
    places = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [place.getsockname()[1] for place in places]
    for place in places:
        place.close()
    return ports


def write_certificate(folder: Path) -> tuple[Path, Path]:
    certificate, key = folder / "fullchain.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def write_conf(folder: Path, ports: list[int]) -> Path:
    """Write our file with ports, certificate and limit of this test, and what Debian's nginx.conf has around it."""
    certificate, key = write_certificate(folder)
    ours = CONF.replace("client_max_body_size 514m", f"client_max_body_size {LIMIT}")
    for old, new in (
        (r"listen \[::\].*\n", "\n"),
        ("listen 443", f"listen 127.0.0.1:{ports[0]}"),
        ("listen 80;", f"listen 127.0.0.1:{ports[1]};"),
        ("server 127.0.0.1:8000", f"server 127.0.0.1:{ports[2]}"),
        ("/etc/ssl/cosmolocal/fullchain.pem", str(certificate)),
        ("/etc/ssl/cosmolocal/key.pem", str(key)),
        ("/var/log/nginx/", f"{folder}/"),
    ):
        ours, changed = re.subn(old, new, ours)
        assert changed, old
    (folder / "ours.conf").write_text(ours)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"  {kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;\n" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}pid {folder}/pid;\ndaemon off;\nevents {{}}\nhttp {{\n{places}  include {folder}/ours.conf;\n}}\n"
    )
    return folder / "nginx.conf"


def wait_for(port: int, process: subprocess.Popen) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(port)


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    if NGINX is None or shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("nginx and openssl are needed")
        pytest.skip("nginx or openssl is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    region = make_region(folder / "region")
    people = People(region / DATABASE)
    people.add(OPERATOR, Person("ada", "Ada", frozenset(Role) - {Role.WORKSHOP}), PASSWORD)
    token = people.make_token(people.find(OPERATOR, "ada"), "robot", Scope, 9)
    people.close()
    ports = free_ports(3)
    conf = write_conf(folder, ports)
    command = [sys.executable, "-m", "cosmolocal", "serve", "--region", region, "--https", "--log", "none"]
    behind = subprocess.Popen([*command, "--port", str(ports[2])], cwd=ROOT, stderr=subprocess.DEVNULL)
    front = subprocess.Popen([NGINX, "-c", conf, "-e", folder / "errors"], stderr=subprocess.DEVNULL)
    try:
        wait_for(ports[2], behind)
        wait_for(ports[0], front)
        context = ssl.create_default_context(cafile=folder / "fullchain.pem")
        yield House(ports[0], ports[1], ports[2], context, token)
    finally:
        for process in (front, behind):
            process.terminate()
            process.wait(60)


def form_of(page: str) -> str:
    return unescape(re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0])


def sign_in(house: House, **more: str) -> tuple[http.client.HTTPResponse, str]:
    page, text = house.ask("GET", "/sign-in")
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    body = urlencode({"csrf_token": form_of(text), "name": "ada", "password": PASSWORD}).encode()
    headers = {"Cookie": cookie, "Content_Type": "application/x-www-form-urlencoded"}
    return house.ask("POST", "/sign-in", body, **headers, **more)


def test_signing_in_works_over_tls_and_the_cookie_stays_there(house):
    referer = f"https://127.0.0.1:{house.port}/sign-in"
    answer, text = sign_in(house, Referer=referer)
    assert answer.status == 303, text
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax"))
    page, text = house.ask("GET", "/account", Cookie=cookie.partition(";")[0])
    assert page.status == 200
    assert "Ada" in text


def test_another_site_cannot_send_the_form(house):
    answer, _ = sign_in(house, Referer="https://evil.example/")
    assert answer.status == 400


def test_answers_carry_hsts_and_our_own_headers(house):
    answer, _ = house.ask("GET", "/sign-in")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert len(answer.headers.get_all("X-Content-Type-Options")) == 1
    assert "nginx/" not in answer.headers.get("Server", "")
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_plain_http_only_leads_to_https(house):
    connection = http.client.HTTPConnection("127.0.0.1", house.plain_port, timeout=60)
    answer, _ = talk(connection, "GET", "/sign-in?next=/account", b"", {"Host": "evil.example"})
    assert answer.status == 301
    assert answer.headers["Location"] == "https://cosmolocal.example.org/sign-in?next=/account"


def bundle(folder: Path, version: str, size: int) -> bytes:
    written = write_lamp(folder / version, version)
    (written / "noise.bin").write_bytes(os.urandom(size))
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for path in sorted(written.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(written))
    return kept.getvalue()


def test_an_upload_of_the_allowed_size_comes_in_and_a_larger_one_is_answered_with_a_sentence(house, tmp_path):
    headers = {"Authorization": f"Bearer {house.token}", "Content_Type": "application/zip"}
    fits = bundle(tmp_path, "3.0.0", LIMIT - 8000)
    answer, text = house.ask("POST", "/api/v1/designs?id=ada~lamp", fits, **headers)
    assert answer.status == 201, text
    answer, text = house.ask("POST", "/api/v1/designs?id=ada~lamp", fits + b"0" * LIMIT, **headers)
    assert answer.status == 413
    assert "larger than the 512 MiB" in text
    assert "<" not in text


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/./metrics", "/x/../metrics", "/%6detrics"])
def test_figures_are_not_public(house, path):
    answer, text = house.ask("GET", path, X_Forwarded_For="127.0.0.1", Forwarded="for=127.0.0.1")
    assert answer.status in (301, 308, 401, 404), text
    assert "cosmolocal_" not in text


def test_figures_are_for_programs_beside_the_server(house):
    assert house.ask_behind("GET", "/metrics")[0].status == 200
    assert house.ask_behind("GET", "/metrics", X_Forwarded_For="192.0.2.1")[0].status == 401
    assert house.ask_behind("GET", "/metrics", X_Forwarded_For="127.0.0.1")[0].status == 401


def test_health_is_public(house):
    assert house.ask("GET", "/health")[0].status == 200


def test_who_tries_to_sign_in_too_often_is_told_to_wait(house):
    """Last, for it uses up the tries of this address."""
    told = [house.ask("GET", "/sign-in") for _ in range(20)]
    late = [text for answer, text in told if answer.status == 429]
    assert late
    assert "Wait a minute" in late[0]
