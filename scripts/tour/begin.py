"""Plays the journey that GANREACT_TOUR_JOURNEY names, inside the real Blender: run.py begins every journey here."""

import importlib.util
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from stage import play

_spec = importlib.util.spec_from_file_location("played", os.environ["GANREACT_TOUR_JOURNEY"])
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
play(_module.journey)
