"""What is said about a checkpoint, by the card and by the command line; and the card of our own format, there and back."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ganreact_core.cli import main
from ganreact_core.errors import CheckpointError
from ganreact_core.synthesis import load_generator
from ganreact_core.synthesis.checkpoints import read_checkpoint
from ganreact_core.synthesis.description import describe, told_about_code
from tests.synthesis.pickle_writer import TinyNetwork

ROOT = Path(__file__).resolve().parents[2]
TEXT = "class Part:\n    pass\n"


@pytest.fixture
def path(tmp_path):
    (tmp_path / "net.pkl").write_bytes(TinyNetwork.drawn().pickle())
    return tmp_path / "net.pkl"


@pytest.mark.parametrize("name", ["embedded", "sg3r_c5_r64.pkl", "tf_sg2_v4_skip_r64.pkl", "maua_latentinput_legacy_r32.pt",
                                  "hf_biggan_deep_32", "ajbrock_biggan_64"])
def test_it_says_what_the_generator_is(shared, name):
    path = name if name == "embedded" else shared / "fixtures" / name
    found, G = describe(path), load_generator(path)
    assert (found["kind"], found["resolution"], found["n_classes"], found["num_ws"]) == (
        G.kind, list(G.resolution), G.c_dim, G.num_ws)
    assert found["layers"] == [[layer.name, *layer.size, layer.channels] for layer in G.layers]
    assert found["warnings"] == [] and len(found["class_names"]) == G.c_dim
    assert json.loads(json.dumps(found)) == found


def test_the_embedded_one_has_a_card():
    found = describe("embedded")
    assert found["class_names"][0] and "class" not in found["class_names"][0] and "licence" in found


@pytest.mark.parametrize(("source", "label", "warned"), [
    ("", "empty", False), ("class Generator:\n    pass\nclass MappingNetwork: pass\n", "unknown", True), ("import os", "unknown", True),
    ("".join(f"class {name}(x):\n    pass\n" for name in ("Generator", "Part")), "unknown", True)])
def test_program_text(path, source, label, warned):
    net = TinyNetwork.drawn()
    net.source = source
    path.write_bytes(net.pickle())
    found = describe(path)
    assert found["network_source"] == label and bool(found["warnings"]) == warned
    assert ("not run" in told_about_code(found)) == (label == "unknown")


def test_a_text_that_defines_its_parts_is_no_reason_to_warn(path, monkeypatch):
    from ganreact_core.synthesis.checkpoints import nvidia

    monkeypatch.setattr(nvidia, "_PARTS", {"Part"})  # the writer's only class
    net = TinyNetwork.drawn()
    net.source = TEXT
    path.write_bytes(net.pickle())
    found = describe(path)
    assert found["network_source"] == "unknown" and not found["warnings"] and "usual parts" in told_about_code(found)


def test_a_network_that_draws_nothing_is_warned_of(path):
    assert describe(path)["warnings"] == []
    net = TinyNetwork.drawn()
    net.tensors = {name: np.zeros_like(tensor) for name, tensor in net.tensors.items()}
    path.write_bytes(net.pickle())
    assert "use another snapshot" in describe(path)["warnings"][0]


def test_on_the_command_line(path, capsys):
    assert main(["model", "info", str(path)]) == 0
    said = capsys.readouterr().out
    assert "8×8" in said and "NVIDIA pickle" in said and "layer 0" in said and "not stated" in said
    assert main(["model", "info", "--json", str(path)]) == 0
    assert json.loads(capsys.readouterr().out) == describe(path)
    path.write_bytes(b"")
    assert main(["model", "info", str(path)]) == 3


def test_the_card_there_and_back(path, tmp_path, capsys):
    out = tmp_path / "ours.safetensors"
    assert main(["model", "convert", str(path), "--out", str(out), "--licence", "CC0, Erika Muster", "--seeds", "3,1,4"]) == 0
    again = tmp_path / "again.safetensors"
    assert main(["model", "convert", str(out), "--out", str(again), "--half"]) == 0
    source = read_checkpoint(path)
    for file in (out, again):
        found = describe(file)
        assert (found["licence"], found["sample_seeds"]) == ("CC0, Erika Muster", [3, 1, 4])
        assert found["source_sha256"] == source.origin["sha256"] and found["source_format"] == "NVIDIA pickle"
        assert read_checkpoint(file).config == source.config


def test_class_names_on_the_card(shared, tmp_path, capsys):
    out, names = tmp_path / "named.safetensors", "ash,bay,cone,dune,elm,fir,gum,hay,ivy,jay"
    assert main(["model", "convert", str(shared / "fixtures" / "hf_biggan_deep_32"), "--out", str(out), "--class-names", names]) == 0
    assert describe(out)["class_names"] == names.split(",")
    assert main(["model", "classes", str(out), "dun"]) == 0
    assert capsys.readouterr().out.split()[-2:] == ["3", "dune"]
    sheet = ["model", "sheet", str(out), "--out", str(tmp_path / "s.png"), "--columns", "1", "--device", "cpu"]
    assert main([*sheet, "--class", "dune"]) == 0 and main([*sheet, "--class", "moon"]) == 2


@pytest.mark.parametrize("seeds", ["", "1,x", "-1"])
def test_seeds_that_are_none(path, tmp_path, capsys, seeds):
    assert main(["model", "convert", str(path), "--out", str(tmp_path / "o.safetensors"), f"--seeds={seeds}"]) == 2
    assert "--seeds" in capsys.readouterr().err and not (tmp_path / "o.safetensors").exists()


def test_what_could_not_be_loaded_is_not_converted(path, tmp_path):
    net = TinyNetwork.drawn()
    del net.tensors["synthesis.b8.conv1.bias"]
    path.write_bytes(net.pickle())
    assert main(["model", "convert", str(path), "--out", str(tmp_path / "o.safetensors")]) == 3
    assert not (tmp_path / "o.safetensors").exists()
    with pytest.raises(CheckpointError, match="do not fit"):
        describe(path)


def test_to_describe_a_network_does_not_import_torchs_compiler():
    code = ("import sys; from ganreact_core.synthesis.description import describe; describe('embedded'); "
            "sys.exit('torch._dynamo' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0  # four seconds, in the panel too
