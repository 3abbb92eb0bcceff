"""Endings of files by what they hold: for file browsers, and for what is dropped."""

from __future__ import annotations

SOUNDS = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a", ".aac", ".aif", ".aiff",
          ".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v")
"""Films too: their sound is heard."""

BESIDE = (".mid", ".midi", ".csv", ".tsv")
NETWORKS = (".pkl", ".pt", ".pth", ".bin", ".safetensors", ".index")
PATCHES = (".json",)


def pattern(endings: tuple[str, ...], *names: str) -> str:
    """What a file browser shows: files with these endings, and files of these names."""
    return ";".join([*(f"*{ending}" for ending in endings), *names])
