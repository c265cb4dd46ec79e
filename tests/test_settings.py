"""The one table of settings: ranges, choices, defaults, and what is refused."""

import pytest

from livegen.errors import SettingsError
from livegen.settings import Settings, spec, specs
from livegen.spec import GROUPS


def test_every_setting_says_what_it_is_and_its_default_is_allowed() -> None:
    settings = Settings()
    for one in specs():
        assert one.help and one.group in GROUPS
        if one.low is not None and one.high is not None:
            assert one.low <= one.default <= one.high
        settings.set(one.name, one.default)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("temperature", 9.0, "0.1 to 2"),
        ("temperature", float("nan"), "0.1 to 2"),
        ("lowest", float("inf"), "0 to 127"),
        ("lowest", "low", "0 to 127"),
        ("temprature", 1.0, "did you mean temperature"),
        ("mode", 3, "text"),
        ("lan", "perhaps", "on or off"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_and_changes_nothing(name: str, value: object, says: str) -> None:
    settings = Settings()
    with pytest.raises(SettingsError, match=says):
        settings.set(name, value)
    assert settings == Settings()


def test_a_misspelt_choice_is_refused_with_the_one_that_is_meant() -> None:
    tried = [(one.name, choice) for one in specs() for choice in one.choices if len(choice) > 3]
    assert {"turn", "scale", "raga", "tala", "harmony", "style"} <= {name for name, _ in tried}
    for name, choice in tried:
        with pytest.raises(SettingsError) as refused:
            Settings().set(name, f"{choice}q")
        assert str(refused.value).endswith(f" Did you mean {choice}?")
    with pytest.raises(SettingsError) as refused:
        Settings().set("turn", "zzz")
    assert "Did you mean" not in str(refused.value)


def test_numbers_come_as_text_floats_and_ints() -> None:
    settings = Settings()
    for name, value, wanted in [
        ("lowest", 40.0, 40),
        ("temperature", "0.7", 0.7),
        ("lan", 1.0, True),
        ("lan", "off", False),
    ]:
        settings.set(name, value)
        assert getattr(settings, name) == wanted


def test_a_list_of_ports_in_a_file_is_taken() -> None:
    assert Settings.from_table({"inputs": ["Keystation", "Launchkey"]}).inputs == "Keystation, Launchkey"


def test_a_table_names_its_source_when_it_is_wrong() -> None:
    assert Settings.from_table({"temperature": 0.5}).temperature == 0.5
    with pytest.raises(SettingsError, match=r"In rig\.toml: polyphony"):
        Settings.from_table({"polyphony": 99}, "rig.toml")


def test_a_setting_takes_each_of_its_choices_as_it_is_written() -> None:
    settings = Settings()
    chosen = [one for one in specs() if one.choices]
    assert {"scale", "key", "raga", "tala", "begin", "end", "sync", "harmony"} <= {one.name for one in chosen}
    for one in chosen:
        assert one.default in one.choices and one.takes
        for choice in one.choices:
            settings.set(one.name, choice)
            assert getattr(settings, one.name) == choice


def test_ranges_are_said_with_their_unit() -> None:
    assert spec("longest").range == "0.1 to 10 s"
