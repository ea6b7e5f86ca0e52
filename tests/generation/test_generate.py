"""Generating concepts against a real HTTP server that speaks the protocol: well, slowly, brokenly, and hostile."""

import email.utils
import threading
import time

import pytest

from engine.__main__ import main
from engine.data.texts.kept import ConceptSets
from engine.errors import BadInput, BadParameter
from engine.generation import endpoint as endpoints
from engine.generation.endpoint import KEY_VARIABLE, Endpoint, ask
from engine.generation.generate import Generating
from engine.generation.prompts import FAMILIES
from engine.steps import finish
from tests.generation.serving import KEY, Server, said


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    found = Server()
    yield found
    found.close()


def to(server, **more):
    return Endpoint(address=server.address, model="tiny-model", **more)


def made(server, home, classes=("gull", "great_tit"), **more):
    return Generating(home, to(server, **more), "label_free", classes)


def test_every_class_is_asked_the_published_questions_and_the_origin_is_told(server, tmp_path):
    steps = []
    found = finish(made(server, tmp_path).work(KEY), steps.append)
    assert [(e.text, e.group, e.classes) for e in found.entries] == [
        (text, "important", ("gull", "great_tit")) for text in ("a beak", "two wings", "feathers", "a [2J b")
    ]
    assert {e.origins for e in found.entries} == {("tiny-model, prompts of label_free",)}
    path, key, body = server.asked[3]
    assert (path, key, len(server.asked)) == ("/v1/chat/completions", f"Bearer {KEY}", 6)
    assert body["messages"][0]["content"] == FAMILIES["label_free"][0].text.replace("{}", "great tit")
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("tiny-model", 200, 0.0)
    assert [step.done for step in steps] == list(range(7)) and steps[0].word == "important of gull"


def test_the_questions_of_label_free_cbm_are_word_for_word():
    texts = {prompt.name: prompt.text for prompt in FAMILIES["label_free"]}
    assert texts["superclass"] == (
        'Give superclasses for the word "tench":\n\n-fish\n-vertebrate\n-animal\n\nGive superclasses for the word '
        '"beer glass":\n\n-glass\n-container\n-object\n\nGive superclasses for the word "{}":'
    )
    assert texts["important"].startswith(
        'List the most important features for recognizing something as a "goldfish":\n\n-bright orange color\n'
    )
    assert texts["around"].endswith('-a lime\n-a person\n\nList the things most commonly seen around a "{}":')
    assert len(FAMILIES["labo"]) == 5 and all(prompt.text.count("{}") == 1 for prompt in FAMILIES["labo"])


def test_sentences_are_texts_where_the_answer_is_no_list():
    found = FAMILIES["labo"][0].texts("It has a long tail. The wings are grey!\nIt is, e.g. at sea, white.")
    assert list(found) == ["It has a long tail", "The wings are grey!", "It is, e.g", "at sea, white"]


def test_the_cost_is_known_before_anything_is_asked(server, tmp_path):
    work = made(server, tmp_path, max_tokens=50)
    cost = work.cost()
    sizes = [len(p.about(name).encode()) for name in ("gull", "great_tit") for p in FAMILIES["label_free"]]
    assert (cost.requests, cost.kept, cost.tokens) == (6, 0, sum(sizes) + 6 * 50) and server.asked == []
    finish(work.work())
    assert (work.cost().requests, work.cost().kept, work.cost().tokens) == (0, 6, 0)


def test_what_was_answered_is_not_asked_again_not_even_after_a_stop(server, tmp_path):
    working = made(server, tmp_path).work(KEY)
    for _ in range(4):
        next(working)
    working.close()
    assert len(server.asked) == 3
    first = finish(made(server, tmp_path).work(KEY))
    assert len(server.asked) == 6
    assert finish(made(server, tmp_path, timeout=5.0).work()) == first and len(server.asked) == 6
    finish(made(server, tmp_path, temperature=1.0, classes=("gull",)).work())
    assert len(server.asked) == 9  # another temperature is another question
    kept = next((tmp_path / "concepts" / "answers").glob("*.json"))
    kept.write_text("{")
    assert (
        sum(
            made(server, tmp_path, temperature=t, classes=c).cost().requests
            for t, c in ((0.0, ("gull", "great_tit")), (1.0, ("gull",)))
        )
        == 1
    )


def test_the_key_is_nowhere(server, tmp_path, capsys):
    server.answer = lambda handler: handler.say(200, said(f"- my key is {KEY}"))
    found = finish(made(server, tmp_path).work(KEY))
    ConceptSets(tmp_path).keep("asked", found, "x")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()]
    for status in (401, 200):
        server.answer = lambda handler, status=status: handler.say(status, f"bad key {KEY}".encode())
        with pytest.raises(BadInput) as error:
            ask(to(server), "x", KEY)
        assert KEY not in str(error.value) and "[key]" in str(error.value)
    with pytest.raises(BadInput) as error:
        ask(to(server), "x", f"{KEY}\nX-Other: 1")
    assert KEY not in str(error.value) and KEY_VARIABLE in str(error.value)
    with pytest.raises(BadParameter) as refused:
        Endpoint(address=f"http://{KEY}@host/v1", model="m")
    assert KEY not in str(refused.value)


BROKEN = [
    ("a page of the web", 200, b"<html><body>It works!</body></html>", "no chat endpoint would: <html>"),
    ("nonsense", 200, b"\xff\xfe\x00", "no chat endpoint would"),
    ("nothing", 200, b"", "no chat endpoint would: nothing"),
    ("other JSON", 200, b'{"choices": []}', "no chat endpoint would"),
    ("a number", 200, b"7", "no chat endpoint would"),
    ("no text", 200, said(None), "no chat endpoint would"),
    ("deep", 200, b"[" * 100_000, "no chat endpoint would"),
    ("ten megabytes", 200, b" " * (10 * 2**20), "larger than 1 MiB"),
    ("wrong key", 401, b'{"error": "who are you"}', "HTTP 401: .*who are you"),
    ("no such model", 404, b"model not found", "HTTP 404: model not found"),
]


@pytest.mark.parametrize(("status", "data", "words"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
def test_what_no_endpoint_answers_is_told_and_nothing_is_kept(server, tmp_path, status, data, words):
    server.answer = lambda handler: handler.say(status, data)
    with pytest.raises(BadInput, match=words) as error:
        finish(made(server, tmp_path).work())
    assert server.address in str(error.value) and len(str(error.value)) < 600 and len(server.asked) == 1
    assert not (tmp_path / "concepts").exists()


def test_a_redirection_is_not_followed_for_the_key_would_go_along(server):
    server.answer = lambda handler: handler.say(307, b"", Location=f"{server.address}/elsewhere")
    with pytest.raises(BadInput, match="HTTP 307"):
        ask(to(server), "x", KEY)
    assert len(server.asked) == 1


def test_it_waits_as_long_as_the_server_asks_and_no_longer_than_is_sane(server):
    waits = []

    def busy(handler):
        at = len(server.asked)
        later = email.utils.formatdate(time.time() + 30, usegmt=True)
        if at == 1:
            handler.say(429, b"", Retry_After="3")
        elif at == 2:
            handler.say(503, b"", Retry_After=later)
        elif at == 3:
            handler.say(500, b"")
        else:
            handler.say(200, said("- done"))

    server.answer = busy
    assert ask(to(server), "x", sleep=waits.append) == "- done"
    assert waits[0] == 3.0 and 27 < waits[1] <= 30 and waits[2] == 8.0
    server.asked.clear()
    server.answer = lambda handler: handler.say(429, b"", Retry_After="86400")
    with pytest.raises(BadInput, match=r"HTTP 429 1 times, and wants 86400 s more.*what was answered is kept"):
        ask(to(server), "x", sleep=waits.append)
    server.answer = lambda handler: handler.say(429, b"", Retry_After="soon")
    with pytest.raises(BadInput, match="HTTP 429 5 times"):
        ask(to(server), "x", sleep=waits.append)
    assert waits[3:] == [2.0, 4.0, 8.0, 16.0]


def test_one_that_does_not_answer_and_one_that_drips_are_given_up_on(server):
    gone = threading.Event()
    server.answer = lambda handler: gone.wait(5)
    with pytest.raises(BadInput, match=r"did not answer within 0\.2 s"):
        ask(to(server, timeout=0.2), "x")

    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        while not gone.wait(0.02):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    def drip_headers(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not gone.wait(0.02):
            handler.wfile.write(b"a")
            handler.wfile.flush()

    for server.answer in (drip, drip_headers):
        began = time.monotonic()
        with pytest.raises(BadInput, match=r"did not answer within 0\.3 s"):
            ask(to(server, timeout=0.3), "x")
        assert time.monotonic() - began < 3
    gone.set()


def test_nobody_there_and_no_address(server):
    server.close()
    with pytest.raises(BadInput, match="Check that it runs"):
        ask(to(server), "x")
    for address in ("", "localhost:11434", "file:///etc/passwd", "http://", "ftp://host/v1"):
        with pytest.raises(BadParameter, match="http://"):
            Endpoint(address=address, model="m")
    with pytest.raises(BadParameter, match="which model"):
        Endpoint(address="http://host/v1", model=" ")


def test_an_answer_without_a_concept_is_no_set(server, tmp_path):
    server.answer = lambda handler: handler.say(200, said("\n:\n"))
    with pytest.raises(BadInput, match="nothing it answered is a concept"):
        finish(made(server, tmp_path).work())
    with pytest.raises(BadInput, match="known are label_free, labo"):
        Generating(tmp_path, to(server), "mine", ("gull",))


def test_the_command_says_the_cost_and_asks_only_when_told_to(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    line = ["concepts", "generate", "--name", "asked", "--set", "classes=2", "increment=1"]
    line += ["--endpoint", f"address={server.address}", "model=tiny-model"]
    assert main(line) == 0
    assert "6 questions, at most" in capsys.readouterr().err and server.asked == []
    assert main([*line, "--yes"]) == 0
    assert "asked " in capsys.readouterr().out and len(server.asked) == 6 and server.asked[0][1] == f"Bearer {KEY}"
    assert [e.text for e in ConceptSets(tmp_path).newest("asked").content.entries][:2] == ["a beak", "two wings"]
    assert endpoints.KEY_VARIABLE == "PLUMAGE_LLM_KEY"
