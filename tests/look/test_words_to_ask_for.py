"""What a look asks of markers that nobody knows."""

import tomllib

import pytest

from bci_online.look.words import marker_words, questions
from bci_online.markers import Flash
from bci_online.messages import Marker
from bci_online.translation import TranslationRule, Translator


@pytest.mark.parametrize("text", ["7", "S [7]", '{"stimulus": "(a+b)?", "' + 40 * "path/" + '"}'])
def test_a_rule_to_be_filled_in_reads_the_marker_that_it_asks_for(text):
    asked = questions(marker_words([Marker(text, 1.0)], (), join=False))

    rule = asked[asked.index("# [[markers") :].replace("\n# ", "\n").replace("CODE", "3")
    (fields,) = tomllib.loads(rule.removeprefix("# "))["markers"]["translate"]
    assert isinstance(Translator((TranslationRule(**fields),)).read(text), Flash)
