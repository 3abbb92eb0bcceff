"""Writes the shipped patches: python scripts/patching/make.py, in the project's environment. Each file here makes one."""

from __future__ import annotations

import default
import ganterpretation
import kelp
import loops
import parts
import pulse
import surprising
import tauceti
import temper

PATCHES = {"default": default, "ganterpretation": ganterpretation, "kelp": kelp, "loops": loops, "pulse": pulse,
           "surprise": surprising, "tauceti": tauceti, "temper": temper}
SHIPPED = parts.ROOT / "ganreact_core" / "shipped"


def main() -> None:
    """All of them; what is written is what is read again."""
    for name, module in PATCHES.items():
        text = parts.text(module.make())
        parts.check(text)
        (SHIPPED / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name:16s} {len(text):6d} bytes")


if __name__ == "__main__":
    main()
