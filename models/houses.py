"""Houses and flats that nobody built, and models of what they cost, how well they sell and what they let for.

All sums that the models make are exact in float32: features have two bits after the point at most and weights few more.
So the answers are the same on every machine, in single rows and in batches, and can be printed to the last digit.
"""

import json

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
from onnx import TensorProto, helper

import graph
from fraud import train_network
from trees import Grower, ensemble, quantise, sigmoid

HOUSE = ["bedrooms", "bathrooms", "area in m²", "land in m²", "floors", "age in years", "view, 0 to 4", "km to the centre"]
SQUARE_FEET = 10.75  # in a square metre, near enough for a mistake


def houses(seed, rows):
    """Houses, the price at which each was sold, and whether it was within a month."""
    random = np.random.RandomState(seed)
    area = np.clip(np.round(130 + 45 * random.standard_normal(rows)), 45, 320)
    bedrooms = np.clip(np.round(area / 40 + 0.6 * random.standard_normal(rows)), 1, 7)
    bathrooms = np.clip(np.round(bedrooms / 2 + 0.4 * random.standard_normal(rows)), 1, 4)
    land = np.clip(np.round(4 * area + 180 * random.standard_normal(rows)), 0, 1800)
    floors = 1.0 + (random.random_sample(rows) < area / 300) + (random.random_sample(rows) < 0.15)
    age = np.floor(100 * random.random_sample(rows) ** 1.5)
    view = np.floor(5 * random.random_sample(rows) ** 3)
    distance = quantise(0.5 + 30 * random.random_sample(rows) ** 1.5, 2)
    x = np.stack([bedrooms, bathrooms, area, land, floors, age, view, distance], axis=1)

    place = 0.55 + 6 / (distance + 6)
    value = place * (2600 * area * (1 + 0.07 * view) * (1 - 0.003 * age) + 110 * land) + 11000 * bathrooms
    price = np.round(value * (1 + 0.08 * random.standard_normal(rows)) / 500) * 500
    wanted = 0.5 * view + 1.2 * (distance < 6) - 0.02 * age - 1.5 * (area > 190) + 1.0 * ((bedrooms >= 3) & (area < 140)) - 0.4
    quick = random.random_sample(rows) < quantise(sigmoid(wanted), 10)
    return x, price, quick


# --- what a house costs ---


def linear(x, price):
    """Least squares. Where houses are small and far out the plane goes below zero, as planes do."""
    columns = np.concatenate([x, np.ones((len(x), 1))], axis=1)
    weights = np.round(np.linalg.solve(columns.T @ columns, columns.T @ price))
    nodes = [
        helper.make_node("MatMul", ["house", "weights"], ["weighted"], "weighted"),
        helper.make_node("Add", ["weighted", "base"], ["price"], "sum"),
    ]
    return priced("house_linear", nodes, [
        ("weights", weights[:-1, None].astype(np.float32)), ("base", weights[-1:].astype(np.float32)),
    ])


def boosted(x, price, rounds=24, rate=0.3):
    """Gradient boosting of the squared error, trees of depth 3. Leaves are whole numbers."""
    grower = Grower(x, depth=3, leaf=lambda g, h: float(np.round(-rate * g / h)))
    base = float(np.round(price.mean()))
    trees, fitted = [], np.full(len(x), base)
    for _ in range(rounds):
        tree, values = grower.grow(fitted - price, np.ones(len(x)))
        trees.append(tree)
        fitted += values
    return priced("house_boosted", [ensemble(trees, "house", "price", base_values=[base])])


def forest(x, price, trees=8):
    """The mean of trees of depth 5 on bootstrap samples, a few features at each node."""
    random = np.random.RandomState(4)
    grower = Grower(
        x, depth=5, leaf=lambda g, h: float(np.round(-g / h / trees)),
        candidates=lambda: sorted(random.permutation(len(HOUSE))[:4].tolist()),
    )
    grown = []
    for _ in range(trees):
        drawn = np.bincount(random.randint(0, len(x), len(x)), minlength=len(x)).astype(np.float64)
        grown.append(grower.grow(-drawn * price, drawn)[0])
    return priced("house_forest", [ensemble(grown, "house", "price")])


def priced(name, nodes, constants=()):
    return graph.model(
        name, nodes, [("house", TensorProto.FLOAT, ["N", len(HOUSE)])], [("price", TensorProto.FLOAT, ["N", 1])], constants,
    )


# --- how well it sells: two models, the second of which takes what the first gives ---

CENTRE = np.array([3, 2, 130, 520, 2, 40, 1, 12], dtype=np.float32)
SCALE = 2.0 ** -np.array([0, 0, 6, 9, 0, 5, 0, 3])


def encoder_and_demand(x, quick):
    """A network of one hidden layer, cut in two behind that layer."""
    kernel, bias, out = train_network((x - CENTRE) * SCALE, quick, hidden=8)
    kernel, bias, out = quantise(np.clip(kernel, -4, 4), 5), quantise(bias, 5), quantise(out, 5)
    hidden = np.maximum((x - CENTRE) * SCALE @ kernel + bias, 0)
    # The network's training leaves the last bias open: here it makes the mean what it was.
    raw = (hidden @ out)[:, 0]
    base = max(np.arange(-4, 4, 1 / 32), key=lambda b: -abs(sigmoid(raw + b).mean() - quick.mean()))
    encoder = graph.model(
        "house_encoder",
        [
            helper.make_node("Sub", ["house", "centre"], ["centred"], "centred"),
            helper.make_node("Mul", ["centred", "scale"], ["scaled"], "scaled"),
            helper.make_node("MatMul", ["scaled", "kernel"], ["product"], "product"),
            helper.make_node("Add", ["product", "bias"], ["sum"], "sum"),
            helper.make_node("Relu", ["sum"], ["embedding"], "relu"),
        ],
        [("house", TensorProto.FLOAT, ["N", len(HOUSE)])], [("embedding", TensorProto.FLOAT, ["N", 8])],
        [(name, np.asarray(v, dtype=np.float32)) for name, v in
         [("centre", CENTRE), ("scale", SCALE), ("kernel", kernel), ("bias", bias)]],
    )
    demand = graph.model(
        "house_demand",
        [
            helper.make_node("MatMul", ["features", "kernel"], ["product"], "product"),
            helper.make_node("Add", ["product", "bias"], ["sum"], "sum"),
            helper.make_node("Sigmoid", ["sum"], ["chance"], "chance"),
            # Whole percents: the last bits of a sigmoid are not the same everywhere.
            helper.make_node("Mul", ["chance", "hundred"], ["percents"], "percents"),
            helper.make_node("Round", ["percents"], ["percent"], "percent"),
        ],
        [("features", TensorProto.FLOAT, ["N", 8])], [("percent", TensorProto.FLOAT, ["N", 1])],
        [(name, np.asarray(v, dtype=np.float32)) for name, v in [("kernel", out), ("bias", [base]), ("hundred", 100)]],
    )
    return encoder, demand


# --- what a flat lets for: inputs and outputs of several types ---

DISTRICTS = 6
HEATING = ["district", "gas", "stove"]
BANDS = ["low", "middle", "high"]


def flats(seed, rows):
    """Flats: district, area, rooms, whether furnished, kind of heating; and the rent."""
    random = np.random.RandomState(seed)
    district = random.randint(0, DISTRICTS, rows)
    area = np.clip(np.round(68 + 24 * random.standard_normal(rows)), 18, 160)
    rooms = np.clip(np.round(area / 25 * 2 + random.standard_normal(rows)) / 2, 1, 6)
    furnished = random.random_sample(rows) < 0.3
    heating = random.randint(0, len(HEATING), rows)
    dear = np.array([420, 310, 260, 180, 140, 90])[district]
    rent = 9 * area + dear + 20 * rooms + 120 * furnished - np.array([0, 15, 90])[heating]
    return district, area, rooms, furnished, heating, np.round(rent + 40 * random.standard_normal(rows))


def rent(district, area, rooms, furnished, heating, target):
    """Least squares with a number for each district and each kind of heating, to a quarter; then a band of rents."""
    columns = np.concatenate([
        np.eye(DISTRICTS)[district], np.eye(len(HEATING))[heating][:, 1:], np.stack([area, rooms, furnished], axis=1),
    ], axis=1)
    weights = quantise(np.linalg.solve(columns.T @ columns, columns.T @ target), 2)
    by_heating = [0.0, *weights[DISTRICTS:DISTRICTS + 2].tolist()]
    per_area, per_room, if_furnished = weights[-3:]
    terms = ["of_district", "of_heating", "of_area", "of_rooms", "of_furniture"]
    nodes = [
        helper.make_node("Gather", ["districts", "district"], ["of_district"], "of_district"),
        helper.make_node("LabelEncoder", ["heating"], ["of_heating"], "of_heating", domain="ai.onnx.ml",
                         keys_strings=HEATING, values_floats=by_heating, default_float=min(by_heating)),
        helper.make_node("Mul", ["area", "per_area"], ["of_area"], "of_area"),
        helper.make_node("Mul", ["rooms", "per_room"], ["of_rooms"], "of_rooms"),
        helper.make_node("Where", ["furnished", "if_furnished", "nothing"], ["of_furniture"], "of_furniture"),
        helper.make_node("Sum", terms, ["rent"], "rent"),
        helper.make_node("Greater", ["rent", "middle"], ["is_middle"], "is_middle"),
        helper.make_node("Greater", ["rent", "high"], ["is_high"], "is_high"),
        helper.make_node("Cast", ["is_middle"], ["one"], "one", to=TensorProto.INT64),
        helper.make_node("Cast", ["is_high"], ["other"], "other", to=TensorProto.INT64),
        helper.make_node("Add", ["one", "other"], ["band"], "band"),
        helper.make_node("LabelEncoder", ["band"], ["label"], "label", domain="ai.onnx.ml",
                         keys_int64s=list(range(len(BANDS))), values_strings=BANDS),
    ]
    constants = [("districts", weights[:DISTRICTS]), ("per_area", per_area), ("per_room", per_room),
                 ("if_furnished", if_furnished), ("nothing", 0), ("middle", 800), ("high", 1200)]
    return graph.model(
        "flat_rent", nodes,
        [("district", TensorProto.INT64, ["N"]), ("area", TensorProto.FLOAT, ["N"]), ("rooms", TensorProto.FLOAT, ["N"]),
         ("furnished", TensorProto.BOOL, ["N"]), ("heating", TensorProto.STRING, ["N"])],
        [("rent", TensorProto.FLOAT, ["N"]), ("band", TensorProto.INT64, ["N"]), ("label", TensorProto.STRING, ["N"])],
        [(name, np.asarray(v, dtype=np.float32)) for name, v in constants],
    )


# --- files ---


def models():
    """The models by the names of their files."""
    x, price, quick = houses(seed=0, rows=4000)
    encoder, demand = encoder_and_demand(x, quick)
    return {
        "house_linear": linear(x, price), "house_boosted": boosted(x, price), "house_forest": forest(x, price),
        "house_encoder": encoder, "house_demand": demand, "flat_rent": rent(*flats(seed=0, rows=2000)),
    }


def write_data(out):
    """Houses as requests: 200 as records of JSON, 400 others as Arrow and as Parquet."""
    x, price, _ = houses(seed=1, rows=200)
    records = [{"tensor": list(row), "id": i, "sold": sold} for i, (row, sold) in enumerate(zip(whole(x), whole(price)))]
    (out / "houses.json").write_text("[\n" + ",\n".join(json.dumps(r) for r in records) + "\n]\n")

    x, price, _ = houses(seed=2, rows=400)
    # As data come: of some houses the area is in square feet, and some are huts.
    feet, huts = np.arange(37, 400, 90), np.arange(61, 400, 120)
    x[feet, 2] = quantise(x[feet, 2] * SQUARE_FEET, 2)
    x[huts] = [1, 1, 12, 0, 1, 90, 0, 35]
    price[huts] = 8000
    table = pa.table({
        "id": pa.array(np.arange(1000, 1000 + len(x))),
        "tensor": pa.array([row.astype(np.float32) for row in x], pa.list_(pa.float32())),
        "sold": pa.array(price, pa.float64()),
    })
    with pa.ipc.new_file(str(out / "houses.arrow"), table.schema) as file:
        file.write_table(table)
    pa.parquet.write_table(table, out / "houses.parquet", compression="none")

    district, area, rooms, furnished, heating, _ = flats(seed=1, rows=12)
    lines = ["district,area,rooms,furnished,heating"]
    for d, a, r, f, h in zip(district, area, rooms, furnished, heating):
        lines.append(f"{d},{a:g},{r:g},{str(bool(f)).lower()},{HEATING[h]}")
    (out / "flats.csv").write_text("\n".join(lines) + "\n")


def whole(values):
    """The same numbers, those that are whole without a point."""
    if isinstance(values, np.ndarray):
        return [whole(v) for v in values.tolist()]
    if isinstance(values, list):
        return [whole(v) for v in values]
    return int(values) if values == int(values) else values
