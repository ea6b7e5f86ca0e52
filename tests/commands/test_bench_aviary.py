"""The drawing bench measures real birds."""

from engine.bench import aviary


def test_it_times_both_ways_of_drawing(monkeypatch):
    monkeypatch.setattr(aviary, "_BIRDS", 40)
    figures = list(aviary.run([1, 2]))
    assert [figure.name for figure in figures] == ["aviary.render_ms", "aviary.render_with_parts_ms"]
    assert all(0.1 < figure.value < 1000 and figure.spread is not None for figure in figures)
