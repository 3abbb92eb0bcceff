"""Latents from files: every tool's shapes, and nothing but arrays."""

import numpy as np
import pytest

from ganreact_core.errors import InputFileError, LookError
from ganreact_core.look import Entry
from ganreact_core.patches import Patch, patch_from_text, patch_to_text
from ganreact_core.saved_latents import pack_latent, read_latents, unpack_latent


@pytest.mark.parametrize(("kind", "shape"), [("z", (128,)), ("w", (512,)), ("w", (14, 512))])
def test_what_is_packed_comes_back(kind, shape):
    values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    found, again = unpack_latent(pack_latent(kind, values))
    assert found == kind and np.array_equal(again, values)


def test_equal_layers_are_packed_once():
    assert pack_latent("w", np.ones((18, 4))) == pack_latent("w", np.ones(4))


def test_a_patch_carries_it():
    entry = Entry("own", "Own", 0, latent=pack_latent("w", np.arange(4.0)))
    from ganreact_core.look import Look

    patch = Patch(look=Look(entries=(entry,)))
    assert patch_from_text(patch_to_text(patch)) == patch


@pytest.mark.parametrize("text", ["w:4", "w:4:AAAA", "q:1:AAAAAA==", "w:4:!", "z:2x2:AAAAAAAAAAAAAAAAAAAAAA==", "w:1:AADAfw==", "w:-1:", "w:99999999:AAAA"])
def test_a_damaged_one_is_refused(text):
    with pytest.raises(LookError):
        Entry("e", "", 0, latent=text)


@pytest.mark.parametrize(("name", "array", "kind", "expected"), [
    ("z", np.ones((3, 128)), "auto", [("z", (128,))] * 3),
    ("w", np.ones((1, 14, 512)), "auto", [("w", (14, 512))]),
    ("w", np.ones((5, 64)), "auto", [("w", (64,))] * 5),
    ("latents", np.ones((18, 512)), "auto", [("w", (18, 512))]),
    ("latents", np.ones((18, 512)), "w", [("w", (512,))] * 18),
    ("x", np.ones(64), "auto", [("w", (64,))]),
    ("x", np.ones((4, 1, 64)), "z", [("z", (64,))] * 4),
    ("x", np.ones((2, 3, 64)), "w+", [("w", (3, 64))] * 2),
])
def test_shapes_of_other_tools_are_understood(tmp_path, name, array, kind, expected):
    np.savez(tmp_path / "a.npz", **{name: array})
    assert [(k, v.shape) for k, v in read_latents(tmp_path / "a.npz", kind)] == expected


def test_a_plain_array_is_read_and_its_name_counts(tmp_path):
    np.save(tmp_path / "z_of_mine.npy", np.ones((2, 16)))
    assert [k for k, _ in read_latents(tmp_path / "z_of_mine.npy")] == ["z", "z"]


class Payload:
    def __reduce__(self):
        return (open, ("/tmp/ganreact-was-here", "w"))


@pytest.mark.parametrize("write", [lambda f: np.save(f, np.array([Payload()], object), allow_pickle=True),
                                   lambda f: np.savez(f, w=np.array([Payload()], object)),
                                   lambda f: f.write(b"\x93NUMPY\x01\x00garbage"), lambda f: f.write(b""), lambda f: f.write(b"PK\x03\x04"),
                                   lambda f: np.save(f, np.full(4, np.nan)), lambda f: np.save(f, np.array(3.0))])
def test_what_is_no_latent_is_refused_and_never_run(tmp_path, write):
    with open(tmp_path / "a.npy", "wb") as file:
        write(file)
    with pytest.raises(InputFileError):
        read_latents(tmp_path / "a.npy")
