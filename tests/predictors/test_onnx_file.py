"""A model file taken apart into graph and metadata, as onnx's own reader takes it apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livegen.predictors import models, onnx_file

FOLK = models.find("folk").read_bytes()
_ENDLESS = b"\x80" * 10 + b"\x01\x00"


def test_graph_and_metadata_are_those_that_onnx_reads() -> None:
    onnx = pytest.importorskip("onnx", reason="what is read is held against onnx (livegen[train])")

    graph, metadata = onnx_file.parted(FOLK)
    whole, bare = onnx.load_model_from_string(FOLK), onnx.load_model_from_string(graph)
    assert metadata == {each.key: each.value for each in whole.metadata_props} and "tail" in metadata
    del whole.metadata_props[:]
    assert bare == whole


def test_every_kind_of_field_is_passed_over() -> None:
    """A number, eight bytes, text, four bytes; the metadata between them has a field of each kind too."""
    others = [b"\x08\xac\x02", b"\x11" + bytes(8), b"\x1a\x03abc", b"\x25" + bytes(4)]
    entry = b"\x0a\x03key" + b"\x18\x07" + b"\x12\x05value"
    graph, metadata = onnx_file.parted(b"".join([*others[:2], b"\x72", bytes([len(entry)]), entry, *others[2:]]))
    assert (graph, metadata) == (b"".join(others), {"key": "value"})


@pytest.mark.parametrize(
    "damaged",
    [
        b"\x0b",
        b"\x0a\x05abc",
        b"\x11abc",
        b"\x80",
        b"\x80" * 10 + b"\x01\x00",
        b"\x72\x02\x0a\x09",
        b"\x72\x04\x0a\x02\xff\xfe",
    ],
    ids=["group", "text", "eight bytes", "number", "endless number", "entry", "no UTF-8"],
)
def test_what_is_damaged_is_a_value_error(damaged: bytes) -> None:
    with pytest.raises(ValueError):
        onnx_file.parted(damaged)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        graph, metadata = onnx_file.parted(content)
    except ValueError:
        return
    assert len(graph) <= len(content)
    assert len(graph) < len(content) or not metadata
