"""Clusters: maps made to belong together are found together, the same every time; files of ours and of network bending."""

import numpy as np
import pytest
import torch

from ganreact_core.cluster_files import Clusters, load_clusters, save_clusters
from ganreact_core.errors import Cancelled, InputFileError
from ganreact_core.synthesis import clustering
from ganreact_core.synthesis.cluster_sheet import draw_clusters
from ganreact_core.synthesis.clustering import find_clusters, group_count


def test_maps_that_light_up_together_are_one_group(net, monkeypatch):
    """Twelve maps: four copies each of blobs on the left, of fine noise, and of one slow gradient, each at its own strength."""
    draw = torch.Generator().manual_seed(1)

    def activations(generator, w, layers):
        left = torch.zeros(len(w), 1, 16, 16)
        for picture in left:
            at = torch.randint(2, 13, (1,), generator=draw)
            picture[0, at:at + 3, 1:5] = 1.0
        fine = torch.randn(len(w), 1, 16, 16, generator=draw)
        slow = torch.linspace(-1, 1, 16).expand(len(w), 1, 16, 16) * torch.randn(len(w), 1, 1, 1, generator=draw)
        strength = torch.linspace(0.5, 2.0, 4).view(1, 4, 1, 1)
        x = torch.cat([kind * strength for kind in (left, fine, slow)], dim=1)
        return dict.fromkeys(layers, x + 0.05 * torch.randn(x.shape, generator=draw))

    monkeypatch.setattr(clustering, "activations", activations)
    monkeypatch.setattr(clustering, "group_count", lambda layer, layers: 3)
    groups = find_clusters(net, samples=40).groups[2].reshape(3, 4)
    assert sorted(groups[:, 0]) == [0, 1, 2] and (groups == groups[:, :1]).all()


def test_every_map_of_every_layer_is_in_a_group_and_again_the_same(net):
    one, two = (find_clusters(net, samples=8, seed=3).groups for _ in range(2))
    assert list(one) == list(range(1, len(net.layers)))
    for layer, groups in one.items():
        assert np.array_equal(groups, two[layer]) and len(groups) == net.layers[layer].channels
        sizes = np.bincount(groups)
        assert (np.diff(sizes) <= 0).all() and len(sizes) == min(group_count(layer, len(one)), len(groups))


def test_five_four_three_groups_by_depth():
    assert [group_count(layer, 16) for layer in (1, 8, 9, 12, 13, 16)] == [5, 5, 4, 4, 3, 3]


def test_they_survive_their_file_and_become_part_of_a_look(tmp_path):
    found = Clusters({3: np.array([0, 1, 0, 2])})
    save_clusters(tmp_path / "c.npz", found)
    again = load_clusters(tmp_path / "c.npz")
    assert again.cluster(3, 0, "eyes", "Eyes").indices == (0, 2) and again.count(3) == 3 and again.cluster(3, 1, "x", "").layer == 3


@pytest.mark.parametrize("text", [
    "1:\n- {cluster_index: 2, feature_index: 0}\n- {cluster_index: 0, feature_index: 1}\n2:\n- {cluster_index: 4, feature_index: 0}\n",
    "1:\n- cluster_index: 2\n  feature_index: 0\n- cluster_index: 0\n  feature_index: 1\n2:\n- cluster_index: 4\n  feature_index: 0\n",
    "{1: [{feature_index: 0, cluster_index: 2}, {feature_index: 1, cluster_index: 0}], '2': [{feature_index: 0, cluster_index: 4}]}"])
def test_the_yaml_of_network_bending_is_read_one_layer_on(tmp_path, text):
    (tmp_path / "c.yaml").write_text(text)
    groups = load_clusters(tmp_path / "c.yaml").groups
    assert groups[2].tolist() == [2, 0] and groups[3].tolist() == [4]


@pytest.mark.parametrize(("name", "content"), [("c.yaml", b"!!python/object/apply:os.system ['true']"), ("c.yaml", b"1:\n- {feature_index: 7}"),
                                               ("c.yaml", b"1:\n- {feature_index: 5, cluster_index: 1}"), ("c.npz", b"none")])
def test_files_that_hold_no_clusters_are_refused(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputFileError):
        load_clusters(tmp_path / name)


def test_the_sheet_has_a_row_for_every_group_and_shows_what_is_missing_without_it(net):
    found = Clusters({1: np.arange(16) % 2})
    sheet = draw_clusters(net, found)
    assert sheet.shape[0] == 20 + 20 + 59 + 2 * 59
    last = sheet[-60:-4, -68:-12]  # the picture without the last group
    assert last.std() > 5 and not np.array_equal(last, sheet[-119:-63, -68:-12])


def test_it_can_be_stopped(net):
    def advance(fraction, text):
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        find_clusters(net, samples=8, advance=advance)
