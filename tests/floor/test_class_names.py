"""Classes by their names."""

import pytest

from ganreact_core.class_names import (
    class_names,
    class_number,
    find_classes,
    imagenet_names,
    names_in,
    names_without_reading,
    short_name,
)
from ganreact_core.errors import UsageError

NAMES = imagenet_names()


def test_the_list_is_that_of_ilsvrc():
    assert len(NAMES) == 1000 and all(name and name.isprintable() for name in NAMES)
    told = {0: "tench", 207: "golden retriever", 281: "tabby", 388: "giant panda", 817: "sports car", 980: "volcano", 999: "toilet tissue"}
    assert {number: short_name(number, NAMES) for number in told} == told


@pytest.mark.parametrize(("wish", "number"), [("207", 207), (" Golden Retriever ", 207), ("volcano", 980), ("anemone fish", 393), ("517 crane", 517), ("134 crane", 134), ("jellyf", 107),
                                              ("great panda", None)])
def test_by_name_or_number(wish, number):
    if number is None:
        with pytest.raises(UsageError, match="no class"):
            class_number(wish, NAMES)
    else:
        assert class_number(wish, NAMES) == number


def test_a_name_with_two_meanings_is_asked_about():
    assert find_classes("crane", NAMES) == [134, 517]
    with pytest.raises(UsageError, match=r"134 \(crane\), 517"):
        class_number("crane", NAMES)
    assert set(find_classes("retriever", NAMES)) == {205, 206, 207, 208, 209}
    with pytest.raises(UsageError, match="5 classes"):
        class_number("retriever", NAMES)


@pytest.mark.parametrize("count", [10 ** 12, -3, "many", [], 1.5, None])
def test_a_network_of_an_impossible_number_of_classes_has_no_names(count):
    assert names_in({"c_dim": count}, {}) == ()


@pytest.mark.parametrize("head", [b"[" * 100_000, b'{"__metadata__": {"ganreact": "' + b"[" * 100_000 + b'"}}', b"", b"\xff" * 9])
def test_a_head_that_says_nothing_leaves_the_usual_names(tmp_path, head):
    (tmp_path / "net.safetensors").write_bytes(len(head).to_bytes(8, "little") + head)
    assert names_without_reading(tmp_path / "net.safetensors") == NAMES


@pytest.mark.parametrize("wish", ["1000", "-1", "", "(", "[a"])
def test_what_means_nothing(wish):
    with pytest.raises(UsageError):
        class_number(wish, NAMES)


def test_other_networks():
    assert class_names(3) == ("class 0", "class 1", "class 2") and class_names(1000) is NAMES
    assert class_names(2, ["ink", "sand"]) == ("ink", "sand") and class_names(2, ["ink"]) == ("class 0", "class 1")
    assert class_number("sand", ["ink", "sand"]) == 1
