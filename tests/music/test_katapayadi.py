"""The names of the melakartas, checked by the rule from which they were made."""

from livegen.music.raga import NAMES, find
from tests.support.katapayadi import numbers


def test_each_melakarta_stands_at_the_number_that_its_name_says() -> None:
    odd = [name for number, name in enumerate(NAMES, 1) if number not in numbers(name)]
    assert odd == ["Sankarabharanam"], "it was renamed Dhira-sankarabharanam to fit"
    assert 29 in numbers("Dhirasankarabharanam") and find("Dhirasankarabharanam") == find("29")
    shifted = sum(number in numbers(name) for number, name in enumerate(NAMES[1:], 1))
    assert shifted < 12, "the rule tells neighbours apart"


def test_what_decodes_and_what_does_not() -> None:
    assert numbers("Mechakalyani") == {65}  # and not 75, which is none
    assert 48 in numbers("Divyamani") and 59 in numbers("Dharmavati") and 15 in numbers("Mayamalavagowla")
    assert numbers("Om") == numbers("") == numbers("Ai Ai") == frozenset()
