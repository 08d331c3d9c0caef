"""Trees that are grown on exact sums, and the rounding that makes sums exact."""

import dataclasses

import numpy as np
from onnx import helper


def quantise(values, bits):
    """Rounds to multiples of 2**-bits."""
    return np.round(values * 2.0**bits) / 2.0**bits


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


@dataclasses.dataclass
class Tree:
    """A regression tree as parallel lists; a node whose feature is -1 is a leaf with a value."""

    feature: list = dataclasses.field(default_factory=list)
    threshold: list = dataclasses.field(default_factory=list)
    left: list = dataclasses.field(default_factory=list)
    right: list = dataclasses.field(default_factory=list)
    value: list = dataclasses.field(default_factory=list)

    def add(self, value):
        for column, item in [(self.feature, -1), (self.threshold, 0.0), (self.left, 0), (self.right, 0),
                             (self.value, value)]:
            column.append(item)
        return len(self.value) - 1

    def predict(self, x):
        return np.array([self.value[self.leaf(row)] for row in x])

    def leaf(self, row):
        node = 0
        while self.feature[node] >= 0:
            below = row[self.feature[node]] < self.threshold[node]
            node = self.left[node] if below else self.right[node]
        return node


@dataclasses.dataclass
class Grower:
    """Grows trees on one set of rows whose features are cut at quantiles once."""

    x: np.ndarray
    depth: int
    leaf: object  # from the sums of gradients and hessians to a leaf's value
    candidates: object = None  # gives the features that a node may split on; all of them if None

    def __post_init__(self):
        self.candidates = self.candidates or (lambda: range(self.x.shape[1]))
        quantiles = np.linspace(0, 1, 34)[1:-1]
        # Half a step off the data's grid: no row lies on a threshold.
        self.cuts = quantise(np.quantile(self.x, quantiles, axis=0).T, 10) + 2.0**-11
        self.bins = np.stack([np.searchsorted(c, col) for c, col in zip(self.cuts, self.x.T)])

    def grow(self, gradient, hessian):
        """Returns the tree and the value of each row's leaf."""
        tree, values = Tree(), np.zeros(len(gradient))
        self.split(tree, np.flatnonzero(hessian), quantise(gradient, 20), quantise(hessian, 20), values, self.depth)
        return tree, values

    def split(self, tree, rows, gradient, hessian, values, depth):
        node = tree.add(self.leaf(gradient[rows].sum(), hessian[rows].sum()))
        values[rows] = tree.value[node]
        feature, cut = self.best(rows, gradient[rows], hessian[rows]) if depth else (-1, 0)
        if feature < 0:
            return node
        tree.feature[node], tree.threshold[node] = feature, float(self.cuts[feature][cut])
        below = self.bins[feature, rows] <= cut
        tree.left[node] = self.split(tree, rows[below], gradient, hessian, values, depth - 1)
        tree.right[node] = self.split(tree, rows[~below], gradient, hessian, values, depth - 1)
        return node

    def best(self, rows, gradient, hessian):
        """The first feature and cut with the highest gain, or -1 where no cut leaves enough on both sides."""
        best = (0.0, -1, 0)
        for feature in self.candidates():
            bins, size = self.bins[feature, rows], len(self.cuts[feature]) + 1
            g = np.cumsum(np.bincount(bins, gradient, size))
            h = np.cumsum(np.bincount(bins, hessian, size))
            gain = g**2 / (h + 1) + (g[-1] - g)**2 / (h[-1] - h + 1) - g[-1]**2 / (h[-1] + 1)
            gain[(h < 5) | (h[-1] - h < 5)] = 0
            cut = int(np.argmax(gain))
            best = max(best, (float(gain[cut]), feature, cut), key=lambda b: b[0])
        return best[1], best[2]


def ensemble(trees, source, target, **attributes):
    """The trees as a node of ai.onnx.ml. Node ids are local to their tree."""
    nodes = [(t, n, tree) for t, tree in enumerate(trees) for n in range(len(tree.value))]
    leaves = [(t, n, tree) for t, n, tree in nodes if tree.feature[n] < 0]
    return helper.make_node(
        "TreeEnsembleRegressor", [source], [target], "trees", domain="ai.onnx.ml", n_targets=1,
        nodes_treeids=[t for t, _, _ in nodes],
        nodes_nodeids=[n for _, n, _ in nodes],
        nodes_featureids=[max(tree.feature[n], 0) for _, n, tree in nodes],
        nodes_modes=["LEAF" if tree.feature[n] < 0 else "BRANCH_LT" for _, n, tree in nodes],
        nodes_values=[tree.threshold[n] for _, n, tree in nodes],
        nodes_truenodeids=[tree.left[n] for _, n, tree in nodes],
        nodes_falsenodeids=[tree.right[n] for _, n, tree in nodes],
        target_treeids=[t for t, _, _ in leaves],
        target_nodeids=[n for _, n, _ in leaves],
        target_ids=[0] * len(leaves),
        target_weights=[tree.value[n] for _, n, tree in leaves],
        **attributes,
    )
