"""Edits of a look as plain functions; none of them needs Blender."""

from dataclasses import replace

from ganreact_ext.ganreact_core.envelopes import EnvelopeRecipe, Shaping
from ganreact_ext.ganreact_core.joining import merge_envelopes
from ganreact_ext.ganreact_core.patches import Patch
from ganreact_ext.ganreact_core.routes import Route

KICK = EnvelopeRecipe("kick", "Kick", "feature", "kick")
OTHER_KICK = replace(KICK, chain=(Shaping("invert"),))
BOTH = EnvelopeRecipe("both", "Both", "feature", "snare", chain=(Shaping("highest", envelope="kick"),))


def patch_with(*recipes):
    return Patch(envelopes=recipes, routes=(Route("r", "", recipes[0].id, "truncation"),))


def test_equal_envelopes_are_shared():
    recipes, patch = merge_envelopes((KICK,), patch_with(KICK))
    assert recipes == (KICK,) and patch.routes[0].envelope == "kick"


def test_another_envelope_of_the_same_name_comes_in_under_a_new_id():
    recipes, patch = merge_envelopes((KICK,), patch_with(OTHER_KICK))
    assert [r.id for r in recipes] == ["kick", "kick-2"] and recipes[0] == KICK
    assert patch.routes[0].envelope == "kick-2"


def test_what_is_made_from_a_renamed_one_follows_it():
    recipes, patch = merge_envelopes((KICK, BOTH), patch_with(BOTH, OTHER_KICK))
    made = {r.id: r for r in recipes}
    assert made["both"] == BOTH and made["both-2"].chain[0].envelope == "kick-2"
    assert patch.routes[0].envelope == "both-2"
