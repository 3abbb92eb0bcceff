"""Sections become markers of ours; the artist's own are left alone."""

import numpy as np
from ganreact_ext.addon.documents import Bake
from ganreact_ext.addon.markers import mark_sections
from ganreact_ext.ganreact_core.features import FeatureSet


def names(scene):
    return sorted((m.frame, m.name) for m in scene.timeline_markers)


def test_sections_are_marked_where_they_begin_and_move_when_heard_again(scene):
    scene.timeline_markers.new("mine", frame=7)
    found = FeatureSet(100.0, 9.0, {}, {"sections": np.array([[0, 2, 0], [2, 5, 1], [5, 9, 0]])})
    assert mark_sections(scene, found, Bake(30.0, 11, 270)) == 3
    assert names(scene) == [(7, "mine"), (11, "GR·01·A"), (71, "GR·02·B"), (161, "GR·03·A")]
    shorter = FeatureSet(100.0, 9.0, {}, {"sections": np.array([[0, 4, 0], [4, 9, 1]])})
    mark_sections(scene, shorter, Bake(30.0, 11, 270))
    assert names(scene) == [(7, "mine"), (11, "GR·01·A"), (131, "GR·02·B")]


def test_no_sections_no_markers(scene):
    mark_sections(scene, FeatureSet(100.0, 9.0), Bake(30.0, 1, 270))
    assert not scene.timeline_markers
