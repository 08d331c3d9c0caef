"""The three models of the shadow deployment tutorial, on synthetic card transactions."""

import numpy as np
from onnx import TensorProto, helper

import graph
from trees import Grower, ensemble, quantise, sigmoid

FEATURES = 29

# The tutorial's transaction.
RECORD = np.array([
    1.0678324729342086, 0.21778102664937624, -1.7115145261843976, 0.6822857209662413, 1.0138553066742804,
    -0.43350000129006655, 0.7395859436561657, -0.28828395953577357, -0.44726268795990787, 0.5146124987725894,
    0.3791316964287545, 0.5190619748123175, -0.4904593221655364, 1.1656456468728569, -0.9776307444180006,
    -0.6322198962519854, -0.6891477694494687, 0.17833178574255615, 0.1397992467197424, -0.35542206494183326,
    0.4394217876939808, 1.4588397511627804, -0.3886829614721505, 0.4353492889350186, 1.7420053483337177,
    -0.4434654615252943, -0.15157478906219238, -0.26684517248765616, -1.454961775612449,
], dtype=np.float32)
# What makes ONNX Runtime's float32 sigmoid answer what the tutorial prints, 0.001497417688369751 for the champion and
# 0.0005066990852355957 for the boosted trees. The sigmoid is a quotient of polynomials whose last bits jump from one
# argument to the next; these two give those answers with and without fused multiply-add, the first also one step of
# float32 to either side, because a matrix product may be summed in any order.
CHAMPION_LOGIT = -6.502519130706787
BOOSTED_LOGIT = -7.587094306945801


def transactions(seed, rows, fraud_share):
    """Standardised components of a transaction, the last one its amount, and whether it is a fraud.

    A fraud moves ten of the components and spreads wider; a third of the frauds move two further ones only, which
    takes more than a linear model to see.
    """
    random = np.random.RandomState(seed)  # its streams are frozen (NEP 19)
    x = random.standard_normal((rows, FEATURES))
    fraud = random.random_sample(rows) < fraud_share
    hidden = fraud & (random.random_sample(rows) < 1 / 3)
    shift = np.zeros(FEATURES)
    shift[[2, 3, 6, 8, 9, 10, 11, 13, 15, 16]] = [-1.2, 1.1, -0.7, -0.8, -1.4, 1.2, -1.5, -1.7, -0.9, -1.1]
    x[fraud & ~hidden] = x[fraud & ~hidden] * 1.3 + shift
    x[hidden, 4] = 2.2 * np.sign(x[hidden, 4]) + x[hidden, 4] / 2
    x[hidden, 28] = np.abs(x[hidden, 28]) + 1.5
    return quantise(x, 10), fraud


# --- champion: a network as Keras exports it ---


def train_network(x, label, hidden=10, steps=300, rate=0.02, decay=0.003):
    """A layer of ReLUs and a sigmoid, trained by Adam on all rows at once with weight decay. The last bias is left to the caller."""
    random = np.random.RandomState(3)
    weights = [
        random.standard_normal((x.shape[1], hidden)) / np.sqrt(x.shape[1]), np.zeros(hidden),
        random.standard_normal((hidden, 1)) / np.sqrt(hidden), np.zeros(1),
    ]
    mean = [np.zeros_like(w) for w in weights]
    square = [np.zeros_like(w) for w in weights]
    for step in range(1, steps + 1):
        for i, gradient in enumerate(network_gradients(weights, x, label)):
            gradient = gradient + decay * weights[i] * (weights[i].ndim == 2)
            mean[i] = 0.9 * mean[i] + 0.1 * gradient
            square[i] = 0.999 * square[i] + 0.001 * gradient**2
            scale = rate * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            weights[i] = weights[i] - scale * mean[i] / (np.sqrt(square[i]) + 1e-8)
    return [quantise(w, 10) for w in weights[:3]]


def network_gradients(weights, x, label):
    kernel, bias, out_kernel, out_bias = weights
    active = np.maximum(x @ kernel + bias, 0)
    error = (sigmoid(active @ out_kernel + out_bias) - label[:, None]) / len(x)
    back = (error @ out_kernel.T) * (active > 0)
    return [x.T @ back, back.sum(axis=0), active.T @ error, error.sum(axis=0)]


def champion(x, fraud):
    kernel, bias, out_kernel = train_network(x, fraud)
    raw = np.maximum(RECORD.astype(np.float64) @ kernel + bias, 0) @ out_kernel
    # Set, not learned: the bias with which the record scores as the tutorial prints. Frauds are far more frequent in
    # the training data than in life, so this constant needs setting anyway.
    out_bias = CHAMPION_LOGIT - raw
    nodes = [
        helper.make_node("MatMul", ["dense_input", "dense/kernel:0"], ["dense/product"], "dense"),
        helper.make_node("Add", ["dense/product", "dense/bias:0"], ["dense/sum"], "dense/add"),
        helper.make_node("Relu", ["dense/sum"], ["dense/active"], "dense/relu"),
        helper.make_node("MatMul", ["dense/active", "dense_1/kernel:0"], ["dense_1/product"], "dense_1"),
        helper.make_node("Add", ["dense_1/product", "dense_1/bias:0"], ["dense_1/sum"], "dense_1/add"),
        helper.make_node("Sigmoid", ["dense_1/sum"], ["dense_1"], "dense_1/sigmoid"),
    ]
    constants = [
        (name, np.asarray(values, dtype=np.float32))
        for name, values in [("dense/kernel:0", kernel), ("dense/bias:0", bias),
                             ("dense_1/kernel:0", out_kernel), ("dense_1/bias:0", out_bias)]
    ]
    return model("keras_ccfraud", nodes, "dense_input", "dense_1", constants)


# --- challengers: trees ---


def boosted(x, fraud, rounds=60, rate=0.25):
    """Gradient boosting of the logistic loss, trees of depth 4."""
    grower = Grower(x, depth=4, leaf=lambda g, h: float(quantise(-rate * g / (h + 1), 16)))
    trees, score = [], np.zeros(len(x))
    for _ in range(rounds):
        p = quantise(sigmoid(score), 20)
        tree, values = grower.grow(p - fraud, p * (1 - p))
        trees.append(tree)
        score += values
    raw = sum(float(tree.predict(RECORD[None])[0]) for tree in trees)
    # Set, not learned: the intercept with which the record scores as the tutorial prints (see champion). It has 21 bits
    # after the point and the leaves have 16, so that the sum is exact in float32 in any order.
    base = BOOSTED_LOGIT - raw
    nodes = [
        ensemble(trees, "feature_input", "score", base_values=[base]),
        helper.make_node("Sigmoid", ["score"], ["variable"], "probability"),
    ]
    return model("xgboost_ccfraud", nodes, "feature_input", "variable")


def forest(x, fraud, trees=32):
    """Trees of depth 6 on bootstrap samples, a few features at each node. The output is the share of trees that hold
    the transaction for genuine; 1/32 is a binary fraction, so that all votes make exactly 1."""
    random = np.random.RandomState(2)
    grower = Grower(
        x, depth=6,
        leaf=lambda g, h: float(-g / h < 0.5) / trees,
        candidates=lambda: sorted(random.permutation(FEATURES)[:6].tolist()),
    )
    grown = []
    for _ in range(trees):
        drawn = np.bincount(random.randint(0, len(x), len(x)), minlength=len(x)).astype(np.float64)
        grown.append(grower.grow(-drawn * fraud, drawn)[0])
    return model("modelA", [ensemble(grown, "float_input", "variable")], "float_input", "variable")


def model(name, nodes, source, target, constants=()):
    return graph.model(name, nodes, [(source, TensorProto.FLOAT, ["N", FEATURES])], [(target, TensorProto.FLOAT, ["N", 1])], constants)


def models():
    """The models by the names of their files."""
    x, fraud = transactions(seed=0, rows=8000, fraud_share=0.25)
    return {"keras_ccfraud": champion(x, fraud), "xgboost_ccfraud": boosted(x, fraud), "modelA": forest(x, fraud)}
