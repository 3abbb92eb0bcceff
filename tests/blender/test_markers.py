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


def test_a_table_of_a_songs_words_is_marked_once_with_the_labels_that_envelopes_know(scene):
    starts = np.arange(120.0)
    found = FeatureSet(100.0, 120.0, {}, {"sections": np.stack([starts, starts + 1, starts % 30], axis=1)})
    for _ in range(2):
        mark_sections(scene, found, Bake(24.0, 1, 2880))
    made = dict(names(scene))
    assert len(scene.timeline_markers) == 120 and made[1] == "GR·01·A" and made[1 + 26 * 24] == "GR·27·A2" and made[1 + 119 * 24] == "GR·120·D2"
