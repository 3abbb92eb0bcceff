"""Every family renders through the same frames: its fixtures, moved by the parameters that are its own."""

import numpy as np
import pytest

from ganreact_core.bundle import create_bundle
from ganreact_core.look import Canvas, Entry, Look
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.frame_maker import FrameMaker
from ganreact_core.synthesis.latents import blend, resolve_palette
from ganreact_core.synthesis.render import render_bundle
from ganreact_core.table import evaluate

LOOK = Look(size=(64, 64), canvas=Canvas("mirror", 0.01), entries=(Entry("a", "A", 1), Entry("b", "B", 2)))
KEYED = {"palette.a": np.linspace(1, 0, 4), "palette.b": np.linspace(0, 1, 4)}


def table(**keyed):
    return evaluate(LOOK, (), KEYED | {k.replace("__", "."): v for k, v in keyed.items()}, {}, n_frames=4, fps=24)


@pytest.mark.parametrize("name", ["sg3t_u_r64.pkl", "sg3r_c5_r64.pkl", "hf_biggan_deep_32", "ajbrock_biggan_64", "tf_sg2_v4_skip_r64.pkl",
                                  "maua_constinput_r64.pt"])
def test_a_network_of_any_family_renders_a_bundle(shared, tmp_path, name):
    generator = load_generator(shared / "fixtures" / name)
    bundle = create_bundle(tmp_path, LOOK, table(), "0" * 64)
    assert render_bundle(bundle, generator, bundle.frame_numbers()).rendered == 4 and not bundle.wanted(bundle.frame_numbers())


def test_stylegan3_moves_its_picture(shared):
    maker = FrameMaker(load_generator(shared / "fixtures" / "sg3t_u_r64.pkl"), LOOK)
    still, moved = (maker.pictures(table(transform__x=x), [1])[0].astype(float) for x in (0.0, 0.25))
    shifted = np.roll(still, 16, axis=1)
    middle = np.s_[24:40, 28:40]
    assert np.abs(shifted[middle] - moved[middle]).mean() < 0.25 * np.abs(still[middle] - moved[middle]).mean()


def test_bigggan_blends_keep_the_length_of_z_and_average_classes(shared):
    generator = load_generator(shared / "fixtures" / "hf_biggan_deep_32")
    palette, n = resolve_palette(generator, LOOK), generator.z_dim
    values = {a: column[1:2] for a, column in table(truncation=1.0).columns.items()}
    weights = [float(values[f"palette.{k}"][0]) for k in "ab"]
    (za, ca), (zb, cb) = ((palette.latents[k][0, :n], palette.latents[k][0, n:]) for k in "ab")
    w = blend(palette, LOOK, values)[0, 0]
    expected = (weights[0] * za + weights[1] * zb) / np.hypot(*weights)
    assert w[:n].tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    assert w[n:].tolist() == pytest.approx((weights[0] * ca + weights[1] * cb).tolist(), abs=1e-5)
    halved = {**values, "truncation": np.float32([0.5])}
    assert blend(palette, LOOK, halved)[0, 0, :n].tolist() == pytest.approx((0.5 * expected).tolist(), abs=1e-5)
