"""What a file is, by its content; a name or an extension is never trusted."""

from __future__ import annotations

import re

from .records import refuse
from .tf_bundle import is_index
from .torch_legacy import is_legacy

_NOT_NETWORKS = (
    (rb"7z\xbc\xaf\x27\x1c", "a 7-Zip archive; unpack it first"),
    (rb"Rar!", "a RAR archive; unpack it first"),
    (rb"\x1f\x8b", "a gzip archive; unpack it first"),
    (rb"BZh", "a bzip2 archive; unpack it first"),
    (rb"\xfd7zXZ", "an xz archive; unpack it first"),
    (rb"\x28\xb5\x2f\xfd", "a zstd archive; unpack it first"),
    (rb"(?s).{257}ustar", "a tar archive; unpack it first"),
    (rb"PK\x05\x06", "an empty zip archive; download it again"),
    (rb"GGUF", "a GGUF language model, not a GAN"),
    (rb"\x89HDF", "a Keras or HDF5 file, which is not supported; convert it to PyTorch first"),
    (rb"\x08[\x01-\x0f][\x12\x1a\x22:]", "an ONNX or TensorFlow graph, which is not supported; choose the original checkpoint"),
    (rb"\x93NUMPY", "a numpy array, not a network"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF|OggS|fLaC|ID3", "a picture or a sound, not a network"),
    (rb"\x7fELF|MZ", "a program, not a network; it was not run"),
    (rb"\s*\{", "a JSON text, not a network; choose the file of weights beside it"),
    (rb"#!|import |from ", "a script, not a network; it was not run"),
)


def kind_of(data: memoryview) -> str:
    """"safetensors" | "zip" | "torch legacy" | "pickle" | "tf bundle"; anything else is refused by name."""
    head = bytes(data[:4096])
    _refuse_failed_downloads(head)
    if head[:4] == b"PK\x03\x04":
        return "zip"
    if is_legacy(data):
        return "torch legacy"
    if re.match(rb"\x80[\x02-\x05]", head):
        return "pickle"
    if is_index(data):
        return "tf bundle"
    if is_safetensors(head):
        return "safetensors"
    for pattern, name in _NOT_NETWORKS:
        if re.match(pattern, head):
            raise refuse(f"this is {name}")
    if head and all(32 <= byte < 127 or byte in b"\t\r\n" for byte in head):
        raise refuse("this is a text file and no checkpoint; choose the checkpoint's file")
    raise refuse(f"this is no checkpoint of a known kind (it begins with {head[:8].hex(' ')}); "
                 "download it again or choose another")


def is_safetensors(head: bytes) -> bool:
    """Whether a file begins as safetensors do: the length of a JSON text, then the text."""
    return head[8:9] == b"{"


def _refuse_failed_downloads(head: bytes) -> None:
    if not head:
        raise refuse("the file is empty (0 bytes); download it again")
    if head.startswith(b"version https://git-lfs"):
        raise refuse("this is a Git-LFS pointer, not the checkpoint; run 'git lfs pull' or download the real file")
    if re.match(rb"(?i)(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|script|!--)", head):
        raise refuse("this is a web page, not a checkpoint; download the file itself, in a browser if it asks to confirm")
    if not any(head):
        raise refuse("the file begins with nothing but zeros; its download was not complete, download it again")
