"""What an envelope can listen to: the names that its kind of source knows, from what was heard."""

from __future__ import annotations

from ..ganreact_core.clocks import WAVES
from ..ganreact_core.envelopes import EnvelopeRecipe
from ..ganreact_core.errors import GANReactError
from ..ganreact_core.features import NOTHING, FeatureSet
from ..ganreact_core.section_sources import section_name
from . import baking
from .documents import Hearing


def names_for(hearing: Hearing, recipe: EnvelopeRecipe) -> list[str]:
    """Every name that this recipe could have, given its source and what it listens to."""
    found = _found(hearing, recipe.material)
    if recipe.source == "clock":
        return list(WAVES)
    if recipe.source == "feature":
        return found.channels()
    if recipe.source == "sections":
        spans = found.events.get("sections", ())
        labels = sorted({int(label) for _, _, label in spans})
        return [*map(section_name, labels), "loud", "quiet", *(f"#{n}" for n in range(1, len(spans) + 1))]
    return sorted(found.events)


def _found(hearing: Hearing, material: str) -> FeatureSet:
    features = hearing.features if not material else next((one.features for one in hearing.beside if one.id == material), "")
    try:
        return baking.heard_in(features)
    except GANReactError:
        return NOTHING
