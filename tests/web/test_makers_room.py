"""The maker's room, and questions between those who make a design and those who released it."""

import re

import pytest
from flask import Flask
from web.accounts import client_as, post
from web.bench_shop import copy_region, jobs_of, open_house
from web.design_shop import manifest, publish, step

from cosmolocal.records import Role
from cosmolocal.workflows.makes import report_make

ASK = "/designs/we~shelf/1.0.0/ask"


@pytest.fixture
def app(planned, tmp_path) -> Flask:
    return open_house(copy_region(planned[0], tmp_path / "region"), planned[1])[0]


def test_the_room_shows_own_designs_and_no_others(app):
    page = client_as(app, "max").get("/my-designs/").text
    assert 'href="/designs/we~shelf/"' in page
    assert "us~lamp" not in page
    report_make(app.extensions["workspace"], "we~shelf@1.0.0", {"quantity": "3", "note": "went well"}, "nora")
    again = client_as(app, "max").get("/my-designs/").text
    assert "3 units made so far" in again
    assert "went well" in again


def test_a_maker_without_designs_is_told_how_to_begin(app):
    page = client_as(app, "neu", Role.MAKER).get("/my-designs/").text
    assert "You have not published a design yet." in page


def test_what_is_unknown_of_own_designs_is_to_be_confirmed(app):
    folder = app.extensions["workspace"].folder
    vague = step(**{"minutes-per-unit": "unknown"})
    publish(folder, "we~stool", manifest("1.0.0", [vague], name="Stool"), by="max")
    book = folder / "orders/more.csv"
    book.write_text("id,design,version,quantity,place,due_date\nS,we~stool,*,7,home,2026-09-25\n")
    page = client_as(app, "max").get("/my-designs/").text
    assert 'href="/designs/we~stool/1.0.0/confirm"' in page
    assert "7 units wait for it" in page


def test_a_workshop_asks_from_its_job_and_the_maker_answers(app):
    nora, maker = client_as(app, "nora"), client_as(app, "max")
    [status] = [one for one in jobs_of(app, "north") if one.job.lot == "SHELF/1"]
    job_page = f"/jobs/{status.job.id}/"
    assert f'href="{ASK}?job={status.job.id}"' in nora.get(job_page).text
    sent = post(nora, ASK, {"text": "Which <screws>?", "job": status.job.id})
    assert sent.headers["Location"].startswith(f"{job_page}?done=asked")
    assert "Which &lt;screws&gt;?" in nora.get(job_page).text
    room = maker.get("/my-designs/").text
    assert "1 question waits for you." in room
    [address] = set(re.findall(r'action="(/questions/\d+/)"', room))
    assert post(maker, address, {"text": "Those of brass."}).status_code == 303
    assert "Those of brass." in nora.get(job_page).text
    assert "Those of brass." in app.test_client().get("/designs/we~shelf/").text
    assert "1 question answered" in maker.get("/my-designs/").text
    assert post(nora, address, {"text": "Thank you."}).status_code == 303
    assert post(client_as(app, "susi"), address, {"text": "Me too."}).status_code == 403


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_an_empty_or_endless_text_is_told_and_kept(app, text):
    nora = client_as(app, "nora")
    answer = post(nora, ASK, {"text": text})
    assert answer.status_code == 422
    assert "Write 1 to 4,000 characters." in answer.text
    assert text in answer.text
    post(nora, ASK, {"text": "Why?"})
    reply = post(client_as(app, "max"), "/questions/1/", {"text": text})
    assert reply.status_code == 422
    assert text in reply.text


def test_what_is_not_there_is_not_found(app):
    nora = client_as(app, "nora")
    assert nora.get("/designs/we~shelf/9.9.9/ask").status_code == 404
    assert post(nora, "/designs/we~shelf/9.9.9/ask", {"text": "Why?"}).status_code == 404
    assert nora.get("/questions/77/").status_code == 404
