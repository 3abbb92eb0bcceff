"""The verbs, by subject: each file of this folder that has CLASSES. A new subject is a new file and nothing else."""

import importlib
import pkgutil

_SUBJECTS = [importlib.import_module(f".{found.name}", __name__) for found in pkgutil.iter_modules(__path__)]
CLASSES = tuple(cls for subject in _SUBJECTS for cls in getattr(subject, "CLASSES", ()))
