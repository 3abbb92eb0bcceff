"""The floors of the house: who may import whom. Read off the source, so that nothing needs to be installed."""

import ast
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = sorted((ROOT / "ganreact_core").rglob("*.py"))
ADDON = sorted((ROOT / "addon").rglob("*.py"))
HEAVY = {"torch", "librosa", "scipy", "sklearn", "av", "soundfile", "PIL", "matplotlib", "safetensors", "mido", "tqdm"}
UPPER = {"audio", "synthesis", "training", "engine", "cli", "__main__"}


def inside(path):
    """A path as a test's name says it: the same on every machine."""
    return str(path.relative_to(ROOT))


@cache
def imports(path, *, everywhere=True):
    """(absolute dotted name, is_relative) of every import statement; only those run on import where not everywhere."""
    return tuple(_imports(path, everywhere))


def _imports(path, everywhere):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = path.relative_to(ROOT).parts[:-1]
    nodes = ast.walk(tree) if everywhere else _on_import(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[:len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield stem, bool(node.level)
            yield from ((f"{stem}.{alias.name}", bool(node.level)) for alias in node.names)


def _on_import(body):
    for node in body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield node
        elif isinstance(node, (ast.Try, ast.With)) or (isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test)):
            yield from _on_import([*node.body, *getattr(node, "orelse", [])])


def floor(path):
    return path.relative_to(ROOT).parts[1].removesuffix(".py")


@pytest.mark.parametrize("path", CORE, ids=inside)
def test_the_core_never_names_bpy(path):
    assert not {name for name, _ in imports(path) if name.split(".")[0] in ("bpy", "addon", "mathutils")}


@pytest.mark.parametrize("path", [p for p in CORE if floor(p) not in UPPER], ids=inside)
def test_the_numpy_floor_stands_on_numpy_alone(path):
    named = {name for name, _ in imports(path)}
    assert not {n for n in named if n.split(".")[0] in HEAVY}
    assert not {n for n in named if n.startswith("ganreact_core.") and n.split(".")[1] in UPPER}


@pytest.mark.parametrize("path", [p for p in CORE if floor(p) in ("audio", "synthesis")], ids=inside)
def test_audio_and_synthesis_do_not_know_each_other(path):
    other = {"audio": "synthesis", "synthesis": "audio"}[floor(path)]
    assert not {name for name, _ in imports(path) if name.startswith(f"ganreact_core.{other}")}


@pytest.mark.parametrize("path", CORE, ids=inside)
def test_training_stands_on_synthesis_and_only_the_engine_and_the_command_line_use_it(path):
    named = {name.split(".")[1] for name, _ in imports(path) if name.startswith("ganreact_core.")}
    if floor(path) == "training":
        assert not named & {"audio", "engine", "cli"}
    elif floor(path) not in ("engine", "cli"):
        assert "training" not in named


@pytest.mark.parametrize("path", [p for p in CORE if floor(p) not in ("cli", "__main__")], ids=inside)
def test_nothing_below_knows_the_engine_and_the_command_line(path):
    above = {"cli"} if floor(path) == "engine" else {"cli", "engine"}
    assert not {name for name, _ in imports(path) if name.startswith("ganreact_core.") and name.split(".")[1] in above}


@pytest.mark.parametrize("path", ADDON, ids=inside)
def test_the_addon_reaches_only_the_numpy_floor(path):
    named = {name for name, _ in imports(path)}
    assert not {n for n in named if n.split(".")[0] in HEAVY}
    assert not {n for n in named if n.startswith("ganreact_core.") and n.split(".")[1] in UPPER}


@pytest.mark.parametrize("path", [p for p in ADDON if p.relative_to(ROOT) != Path("addon/__init__.py")], ids=inside)
def test_only_the_addons_init_imports_operators_and_panels(path):
    inside = "operators" in path.relative_to(ROOT).parts
    for name, _ in imports(path):
        assert not name.startswith("addon.panels"), path
        assert inside or not name.startswith("addon.operators"), path


@pytest.mark.parametrize("path", CORE + ADDON, ids=inside)
def test_imports_inside_a_package_are_relative(path):
    absolute = {name for name, relative in imports(path) if not relative}
    assert not {n for n in absolute if n.split(".")[0] in ("ganreact_core", "addon", "ganreact")}


@pytest.mark.parametrize("path", [p for p in CORE + ADDON if "subprocess." in p.read_text(encoding="utf-8")], ids=inside)
def test_no_process_opens_a_console_on_windows(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("subprocess.run", "subprocess.Popen", "subprocess.check_output"):
            flags = [ast.unparse(word.value) for word in node.keywords if word.arg == "creationflags"]
            assert flags == ["NO_WINDOW"], ast.unparse(node)


@pytest.mark.parametrize("path", [p for p in ADDON if p.name != "kept_paths.py"], ids=inside)
def test_one_place_knows_that_drives_have_no_way_between_them(path):
    assert "relpath(" not in path.read_text(encoding="utf-8"), "use kept_path"


def test_no_imports_go_in_a_circle():
    paths = {".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in CORE + ADDON}
    graph = {name: {n for n, _ in imports(p, everywhere=False) if n in paths and n != name} for name, p in paths.items()}
    done, trail = set(), []

    def visit(name):
        assert name not in trail, " -> ".join([*trail[trail.index(name):], name])
        if name not in done:
            trail.append(name)
            for other in sorted(graph[name]):
                visit(other)
            trail.pop()
            done.add(name)

    for name in graph:
        visit(name)


def test_what_is_installed_is_all_there_is():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {p.parent for p in CORE if p.name == "__init__.py"}
    assert set(told["packages"]) == {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    patterns = told["package-data"]["ganreact_core"]
    kept = {p for pattern in patterns for p in (ROOT / "ganreact_core").glob(pattern)}
    others = {p for p in (ROOT / "ganreact_core").rglob("*") if p.is_file() and p.suffix != ".py" and "__pycache__" not in p.parts}
    assert others <= kept, "a file that an installed engine would lack"
