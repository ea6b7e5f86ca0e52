"""The glossary holds together: nothing dangles, nothing is empty, no word leads to two places."""

import re
from collections import Counter

from engine.glossary import TERMS
from engine.metrics.definitions import DEFINITIONS

ASKED_FOR = (
    *("clip", "embedding", "concept", "concept-bottleneck", "task", "class-incremental", "catastrophic-forgetting"),
    *("backward-transfer", "prototype", "pseudo-feature", "weight", "logit", "contribution-word", "heat-map"),
    *("attention", "adversarial-attack", "epsilon", "robust-share", "pgd", "defence", "validation", "test-split"),
    *("seed", "habitat-shortcut", "intervention", "counterfactual", "calibration", "auc", "confusion"),
    *("map-of-images", "random-words-control"),
)


def is_short_and_plain(key: str) -> bool:
    """One sentence and a little more."""
    term = TERMS[key]
    told = [term.told(drawn=True), term.told(drawn=False)]
    return (
        term.key == key
        and re.fullmatch(r"[a-z]+(-[a-z]+)*", key) is not None
        and (term.plain[0].isupper() and term.plain.endswith(".") and ". " not in term.plain and len(term.plain) <= 170)
        and all(more.endswith((".", ".)")) and len(more) <= 330 and "!" not in term.plain + more for more in told)
    )


def test_every_term_is_one_sentence_and_a_little_more():
    assert [key for key in TERMS if not is_short_and_plain(key)] == []


def dangles(key: str) -> bool:
    """It leads to itself, twice to the same place, or nowhere."""
    see = TERMS[key].see
    return not set(see) <= (set(TERMS) | set(DEFINITIONS)) - {key} or len(set(see)) < len(see)


def test_nothing_dangles():
    assert [key for key in TERMS if dangles(key)] == []


def test_keys_and_titles_are_used_once():
    assert not set(TERMS) & set(DEFINITIONS)
    titles = [entry.title.casefold() for entry in (*TERMS.values(), *DEFINITIONS.values())]
    assert [title for title, count in Counter(titles).items() if count > 1] == []


def test_a_word_leads_to_one_term_only():
    words = Counter(word.casefold() for term in TERMS.values() for word in {term.title.casefold(), *term.aka})
    assert [word for word, count in words.items() if count > 1] == []


def test_every_term_leads_on_to_another():
    assert all(term.see for term in TERMS.values())


def test_the_words_of_the_screen_are_there():
    assert set(ASKED_FOR) <= set(TERMS)


def test_what_is_true_of_drawn_data_only_is_told_there_only():
    own = [term for term in TERMS.values() if term.drawn]
    assert own and all(term.told(drawn=True) == f"{term.more} {term.drawn}" != term.told(drawn=False) for term in own)
    assert not any("Aviary" in term.told(drawn=False) for term in TERMS.values() if not term.drawn_only)
