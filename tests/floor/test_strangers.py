"""Files from somebody else lead to no other machine."""

import json
from dataclasses import replace
from pathlib import PureWindowsPath

import pytest

from ganreact_core.bundle import create_bundle, open_bundle
from ganreact_core.engine.hallu import piece_of
from ganreact_core.errors import LookError
from ganreact_core.look import Look, Mask, Rewrite
from ganreact_core.patches import Patch, load_patch, patch_of_a_stranger, patch_to_text
from ganreact_core.strangers import host_of, require_near
from ganreact_core.table import evaluate

ELSEWHERE = [r"\\evil\share\net.pkl", "//evil/share/net.pkl", r"\/evil\share\x", r"/\EVIL/share", r"\\evil", r"\\?\UNC\evil\share\x",
             "//?/unc/evil/share/x", r"\??\UNC\evil\share\x", r"\\.\UNC\evil\share\x", r"\\\evil\share"]
DEVICES = [r"\\.\pipe\evil", r"\\?\GLOBALROOT\Device\Mup\evil\share\x", "\\\\"]
HERE = ["", "embedded", "net.pkl", "nets/net.pkl", r"nets\net.pkl", "/home/me/net.pkl", r"C:\nets\net.pkl", "C:/nets//net.pkl", r"\nets\net.pkl",
        r"\\?\C:\nets\net.pkl", "../net.pkl", "歌//net.pkl", " //net.pkl", "?//net.pkl"]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_every_spelling_of_another_machine_is_known(path):
    assert host_of(path) == "evil"


@pytest.mark.parametrize("path", DEVICES)
def test_what_is_no_file_is_elsewhere(path):
    assert host_of(path)


@pytest.mark.parametrize("path", HERE)
def test_paths_of_this_machine_are_its_own(path):
    assert host_of(path) == ""


@pytest.mark.parametrize("path", ELSEWHERE + DEVICES + HERE)
def test_what_windows_takes_for_a_share_is_never_taken_for_a_file(path):
    drive = PureWindowsPath(path).drive
    if drive.startswith("\\\\") and not drive.endswith(":"):
        assert host_of(path)


def look_with(part, path):
    return {"model": Look(model=path), "mask": Look(masks=(Mask("m", "", "image", file=path),)),
            "rewrite": Look(rewrites=(Rewrite("r", "", "file", 1, file=path),))}[part]


@pytest.mark.parametrize("part", ["model", "mask", "rewrite"])
def test_a_patch_that_leads_elsewhere_is_refused_in_a_sentence(tmp_path, part):
    text = patch_to_text(Patch(look=look_with(part, ELSEWHERE[0])))
    (tmp_path / "p.json").write_text(text)
    for load in (lambda: load_patch(tmp_path / "p.json"), lambda: patch_of_a_stranger(text, "the asset")):
        with pytest.raises(LookError, match="on another machine; ") as told:
            load()
        assert "evil" in str(told.value) and "\n" not in str(told.value)


def test_what_lies_on_the_same_machine_as_the_file_itself_is_near():
    require_near([r"\\NAS\nets\net.pkl", "//nas/masks/m.png", "C:/x", ""], "it", r"\\nas\patches\p.json")
    with pytest.raises(LookError, match="other"):
        require_near([r"\\other\nets\net.pkl"], "it", r"\\nas\patches\p.json")


def test_nor_does_a_bundle(tmp_path):
    look = Look(size=(64, 64))
    create_bundle(tmp_path, look, evaluate(look, (), {}, {}, n_frames=2, fps=24), "0" * 64)
    told = json.loads((tmp_path / "look.json").read_text())
    told["look"]["model"] = ELSEWHERE[1]
    (tmp_path / "look.json").write_text(json.dumps(told))
    with pytest.raises(LookError, match="on another machine"):
        open_bundle(tmp_path)


def test_nor_a_piece_unless_the_user_names_what_it_names(tmp_path):
    (tmp_path / "s.json").write_text(json.dumps({"steps": [[1], [2]], "model": ELSEWHERE[0]}))
    asked = {"steps": f"@{tmp_path / 's.json'}"}
    with pytest.raises(LookError, match="on another machine"):
        piece_of(asked)
    assert piece_of({**asked, "model": r"\\mine\net"}).model == r"\\mine\net"


def test_a_look_tells_every_path_in_it():
    look = replace(look_with("mask", "m.png"), model="net.pkl", rewrites=look_with("rewrite", "r.npz").rewrites)
    assert look.files() == ("net.pkl", "m.png", "r.npz")
