"""What a saved TensorFlow graph keeps as constants, read without TensorFlow: the protobuf fields that say so, and no others.

SavedModel.meta_graphs (2) → MetaGraphDef.graph_def (2) → GraphDef.node (1) → NodeDef: name (1), op (2), input (3), attr (5);
an attr's value holds a TensorProto (8): dtype (1), shape (2), content (4) or float_val (5).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .opening import read_file
from .records import Budget, refuse, shown
from .tf_bundle import fields

_NODES, _ROWS = 200_000, 1000
_FLOAT = 1  # TensorFlow's number for float32


@dataclass(frozen=True)
class _Node:
    op: str
    inputs: tuple[str, ...]
    attributes: tuple[memoryview, ...]


def stacked_constants(graph: Path, variables: Mapping[str, np.ndarray], wanted: Collection[int]) -> dict[int, np.ndarray]:
    """N -> [rows, …] for the wanted nodes "stack_N" that pack constants, or variables that the bundle holds."""
    data = read_file(graph)
    nodes, budget = _nodes(data), Budget(len(data))
    found = {}
    for name, node in nodes.items():
        numbered = re.fullmatch(r"(?:[\w.]+/)*stack(?:_(\d{1,6}))?", name)
        if numbered and int(numbered[1] or 0) in wanted:
            stack = _stacked(nodes, node, variables, budget)
            if stack is not None:
                found[int(numbered[1] or 0)] = stack
    return found


def _stacked(nodes: Mapping[str, _Node], node: _Node, variables: Mapping[str, np.ndarray], budget: Budget) -> np.ndarray | None:
    if node.op == "Const":
        return _constant(node)
    rows = []
    for each in node.inputs[:_ROWS] if node.op == "Pack" else ():
        value = _value(nodes, each, variables)
        rows.append(value if value is None else budget.take(value, each))  # one constant can be named a thousand times
    known = [row for row in rows if row is not None]
    return np.stack(known) if known and len(known) == len(rows) and len({row.shape for row in known}) == 1 else None


def _nodes(data: memoryview) -> dict[str, _Node]:
    """All nodes by name, of the first graph in the file."""
    nodes: dict[str, _Node] = {}
    for meta in _parts(data, 2):
        for graph in _parts(meta, 2):
            for message in _parts(graph, 1):
                name, node = _node(message)
                nodes.setdefault(name, node)
                if len(nodes) > _NODES:
                    raise refuse(f"the graph beside this checkpoint has more than {_NODES} nodes, as no network does")
    return nodes


def _node(message: memoryview) -> tuple[str, _Node]:
    texts: dict[int, list[memoryview]] = {1: [], 2: [], 3: [], 5: []}
    for number, value in fields(message):
        if number in texts and isinstance(value, memoryview):
            texts[number].append(value)
    name, op = (str(b"".join(texts[n][:1]), "utf-8", "replace") for n in (1, 2))
    return name, _Node(op, tuple(str(part, "utf-8", "replace") for part in texts[3]), tuple(texts[5]))


def _value(nodes: Mapping[str, _Node], name: str, variables: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """What a constant or a variable is; through a few nodes that only hand on."""
    for _ in range(4):
        name = name.removeprefix("^").split(":")[0]
        node = nodes.get(name)
        if node is None:
            return None
        if node.op == "Const":
            return _constant(node)
        if node.op in ("VariableV2", "VarHandleOp", "Variable"):
            return variables.get(name)
        if node.op not in ("Identity", "ReadVariableOp") or not node.inputs:
            return None
        name = node.inputs[0]
    return None


def _constant(node: _Node) -> np.ndarray | None:
    """The float32 numbers of a Const node."""
    for attribute in node.attributes:
        if b"".join(_parts(attribute, 1)) == b"value":
            for value in _parts(attribute, 2):
                for tensor in _parts(value, 8):
                    return _tensor(tensor)
    return None


def _tensor(message: memoryview) -> np.ndarray | None:
    dtype, sides, content, single = 0, [], [], []
    for number, value in fields(message):
        if number == 1 and isinstance(value, int):
            dtype = value
        elif number == 2 and isinstance(value, memoryview):
            sides = [next((v for n, v in fields(dim) if n == 1 and isinstance(v, int)), 0) for dim in _parts(value, 2)]
        elif number in (4, 5) and isinstance(value, memoryview):
            content.append(value)
        elif number == 5 and isinstance(value, int):
            single.append(value)
    raw = b"".join(content) or np.array(single, "<u4").tobytes()
    if dtype != _FLOAT or len(raw) % 4 or len(sides) > 8:
        return None
    numbers = np.frombuffer(raw, "<f4")
    if len(numbers) == 1 and math.prod(sides) <= 1 << 20:
        numbers = np.repeat(numbers, math.prod(sides))  # one number stands for all
    if len(numbers) != math.prod(sides):
        raise refuse(f"a constant of the graph holds {len(numbers)} numbers and says {shown(sides)}; download it again")
    return numbers.reshape(sides)


def _parts(message: memoryview, number: int) -> list[memoryview]:
    """All values of one field that are messages, texts or bytes."""
    return [value for n, value in fields(message) if n == number and isinstance(value, memoryview)]
