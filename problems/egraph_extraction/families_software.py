"""Families of software: tensor graphs, matrix products, numerical expressions and array programs."""

import random
from collections.abc import Sequence

from saturation import Family


def tensor_graph(source: random.Random, size: float) -> Family:
    """Layers of matrix products with common inputs, which may be merged into wider ones and split again.

    The rules are of the kind that TASO (2019) and Tensat (2021) use. A product costs a launch and its arithmetic,
    in milliseconds of an imagined accelerator on which wide products are more efficient; weights are joined
    beforehand, at no cost. ``Mm first last n x w`` multiplies x by weights ``first`` to ``last``, of n columns.
    """
    hidden = ['(Input "x")', '(Input "h")']
    roots = []
    weight = 0
    for _ in range(1 + round(size / 2)):
        layer = []
        columns = 64
        for _ in range(2 + round(size / 2)):
            product = f"(Mm {weight} {weight} {columns} {source.choice(hidden)} (Weight {weight}))"
            weight += 1
            activation = source.choice(["", "Relu", "Relu", "Tanh"])
            layer.append(f"({activation} {columns} {product})" if activation else product)
        first, second = source.sample(layer, 2)
        hidden = [source.choice(layer), f"(Ewadd 64 {first} {second})"]
        roots += [*layer[:2], hidden[1]]
    rules = """
(datatype T (Input String) (Weight i64) (Mm i64 i64 i64 T T) (FusedRelu i64 T T) (FusedTanh i64 T T) (Relu i64 T)
  (Tanh i64 T) (Ewadd i64 T T) (Concat i64 T T) (Left i64 T) (Right i64 T) (Wconcat T T) (Stack T T))
(rule ((= a (Mm i j m x v)) (= b (Mm k l n x w)) (< j k))
      ((let both (Mm i l (+ m n) x (Wconcat v w))) (union a (Left m both)) (union b (Right n both))))
(rewrite (Relu n (Mm i j n x w)) (FusedRelu n x w))
(rewrite (Tanh n (Mm i j n x w)) (FusedTanh n x w))
(rewrite (Relu n (Left n y)) (Left n (Relu m y)) :when ((= y (Mm i j m x w))))
(rewrite (Relu n (Right n y)) (Right n (Relu m y)) :when ((= y (Mm i j m x w))))
(rewrite (Tanh n (Left n y)) (Left n (Tanh m y)) :when ((= y (Mm i j m x w))))
(rewrite (Tanh n (Right n y)) (Right n (Tanh m y)) :when ((= y (Mm i j m x w))))
(rewrite (Ewadd n a b) (Ewadd n b a))
"""
    return Family(rules, roots, _tensor_cost)


def _tensor_cost(operation: str, beside: Sequence[str]) -> float:
    kind, *literals = operation.split()
    if kind in ("Input", "Weight", "Wconcat", "Stack"):
        return 0
    launch = 0.0052
    columns = int(literals[2] if kind == "Mm" else literals[0])
    if kind in ("Mm", "FusedRelu", "FusedTanh"):
        activation = {"Mm": 0.0, "FusedRelu": 0.0004, "FusedTanh": 0.0013}[kind]
        return round(launch + 0.000031 * columns + activation, 7)
    per_column = {"Relu": 0.0000035, "Tanh": 0.0000092, "Ewadd": 0.000006}.get(kind, 0.0000011)
    return round(launch * (0.06 if kind in ("Left", "Right") else 0.6) + per_column * columns, 7)


def matrix_products(source: random.Random, size: float) -> Family:
    """Chains of matrices with common runs, and transposes of them; a product costs its multiplications."""
    count = 3 + round(size)
    rows = [source.choice([2, 4, 8, 16, 32, 64]) for _ in range(count + 1)]
    matrices = [f'(M "m{index}" {rows[index]} {rows[index + 1]})' for index in range(count)]
    roots = []
    for _ in range(2 + round(size / 2)):
        begin = source.randrange(count - 2)
        end = min(count, begin + source.randint(3, 3 + round(size / 2)))
        term = matrices[begin]
        for index in range(begin + 1, end):
            term = f"(Dot {rows[begin]} {rows[index]} {rows[index + 1]} {term} {matrices[index]})"
        roots.append(term if source.random() < 0.5 else f"(T {rows[begin] * rows[end]} {term})")
    rules = """
(datatype A (M String i64 i64) (Dot i64 i64 i64 A A) (T i64 A))
(rewrite (Dot a c d (Dot a b c x y) z) (Dot a b d x (Dot b c d y z)))
(rewrite (Dot a b d x (Dot b c d y z)) (Dot a c d (Dot a b c x y) z))
(rewrite (T n (Dot a b c x y)) (Dot c b a (T (* b c) y) (T (* a b) x)))
(rewrite (Dot c b a (T m y) (T n x)) (T (* a c) (Dot a b c x y)))
(rewrite (T n (T n x)) x)
"""
    return Family(rules, roots, _product_cost)


def _product_cost(operation: str, beside: Sequence[str]) -> float:
    kind, *literals = operation.split()
    if kind == "Dot":
        rows, inner, columns = map(int, literals)
        return rows * inner * columns
    return int(literals[0]) if kind == "T" else 0


def numerics(source: random.Random, size: float) -> Family:
    """Normalised vectors, ratios and products of exponentials, by the laws of real numbers (after Herbie, 2015)."""
    variables = [f'(V "{name}")' for name in "xyztuv"[: 3 + round(size / 6)]]
    divisors = [_expression(source, variables) for _ in range(1 + round(size / 6))]
    parts = variables + [_expression(source, variables) for _ in range(round(size / 6))]
    roots = []
    for _ in range(3 + round(size)):
        first, second = source.sample(parts, 2)
        shape = source.choice(
            [
                "(Div {0} {2})",
                "(Div {1} {2})",
                "(Mul (Exp {0}) {1})",
                "(Div {0} (Sqrt {2}))",
                "(Exp (Add {0} {1}))",
                "(Exp (Sub {0} {1}))",
                "(Log (Div {0} {1}))",
                "(Log (Mul {0} {1}))",
                "(Sqrt (Mul {0} {1}))",
                "(Sub (Sqrt (Add {0} (One))) (Sqrt {0}))",
            ]
        )
        roots.append(shape.format(first, second, source.choice(divisors)))
    rules = """
(datatype R (V String) (One) (Add R R) (Sub R R) (Mul R R) (Div R R) (Neg R) (Sqrt R) (Exp R) (Log R)
  (Expm1 R) (Log1p R) (Fma R R R) (Inv R) (Hypot R R))
(rewrite (Add a b) (Add b a))
(rewrite (Mul a b) (Mul b a))
(rewrite (Add a (Add b c)) (Add (Add a b) c))
(rewrite (Mul a (Mul b c)) (Mul (Mul a b) c))
(rewrite (Mul a (Add b c)) (Add (Mul a b) (Mul a c)))
(rewrite (Add (Mul a b) (Mul a c)) (Mul a (Add b c)))
(rewrite (Sub a b) (Add a (Neg b)))
(rewrite (Neg (Neg a)) a)
(rewrite (Mul a (Neg b)) (Neg (Mul a b)))
(rewrite (Div a b) (Mul a (Inv b)))
(rewrite (Mul a (Inv b)) (Div a b))
(rewrite (Inv (Mul a b)) (Mul (Inv a) (Inv b)))
(rewrite (Mul a (One)) a)
(rewrite (Sub (Sqrt a) (Sqrt b)) (Div (Sub a b) (Add (Sqrt a) (Sqrt b))))
(rewrite (Sub (Mul a a) (Mul b b)) (Mul (Add a b) (Sub a b)))
(rewrite (Mul (Exp a) (Exp b)) (Exp (Add a b)))
(rewrite (Exp (Add a b)) (Mul (Exp a) (Exp b)))
(rewrite (Exp (Sub a b)) (Div (Exp a) (Exp b)))
(rewrite (Exp (Neg a)) (Inv (Exp a)))
(rewrite (Log (Mul a b)) (Add (Log a) (Log b)))
(rewrite (Sqrt (Mul a b)) (Mul (Sqrt a) (Sqrt b)))
(rewrite (Sub (Log a) (Log b)) (Log (Div a b)))
(rewrite (Log (Div a b)) (Sub (Log a) (Log b)))
(rewrite (Sub (Exp a) (One)) (Expm1 a))
(rewrite (Exp a) (Add (Expm1 a) (One)))
(rewrite (Log (Add a (One))) (Log1p a))
(rewrite (Add (Mul a b) c) (Fma a b c))
(rewrite (Sqrt (Add (Mul a a) (Mul b b))) (Hypot a b))
"""
    return Family(rules, roots, _numeric_cost)


def _expression(source: random.Random, variables: Sequence[str]) -> str:
    first, second = source.sample(variables, 2)
    return source.choice(["(Add (Mul {0} {0}) (Mul {1} {1}))", "(Add {0} {1})", "(Mul {0} {1})"]).format(
        first, second
    )


def _numeric_cost(operation: str, beside: Sequence[str]) -> float:
    return {
        "Add": 0.2, "Sub": 0.2, "Mul": 0.25, "Neg": 0.125, "Fma": 0.3, "Div": 2.8, "Inv": 2.6, "Sqrt": 3.2,
        "Hypot": 6.9, "Exp": 5.5, "Expm1": 6.1, "Log": 5.7, "Log1p": 6.4,
    }.get(operation, 0)  # fmt: skip


def array_program(source: random.Random, size: float) -> Family:
    """Maps, zips and sums over the same arrays, to be fused or to be computed once and shared.

    ``Map n c f a`` applies f, of c operations, to the n elements of a: two maps become one that reads once.
    """
    length = source.choice([256, 512, 1024])
    arrays = [f'(Array "{name}")' for name in "pqrs"[: 2 + round(size / 4)]]
    functions = [(name, source.choice([1, 2, 4, 8])) for name in "fghkm"]
    prefixes = [_maps(source, functions, length, source.choice(arrays), 1 + round(size / 3)) for _ in range(2)]
    roots = []
    for _ in range(2 + round(size / 2)):
        term = _maps(source, functions, length, source.choice(prefixes), source.randint(0, 2))
        shape = source.choice(["(Sum {1} {0})", "{0}", "(Sum {1} (Zip {1} {0} {2}))", "(Rev {1} {0})"])
        roots.append(shape.format(term, length, source.choice(prefixes)))
    rules = """
(datatype G (F String) (Then G G))
(datatype A (Array String) (Map i64 i64 G A) (Zip i64 A A) (Sum i64 A) (Rev i64 A) (MapSum i64 i64 G A)
  (ZipSum i64 A A) (MapZip i64 i64 G A A))
(rewrite (Map n d g (Map n c f a)) (Map n (+ c d) (Then f g) a))
(rewrite (Then (Then f g) h) (Then f (Then g h)))
(rewrite (Then f (Then g h)) (Then (Then f g) h))
(rewrite (Sum n (Map n c f a)) (MapSum n c f a))
(rewrite (Sum n (Zip n a b)) (ZipSum n a b))
(rewrite (Sum n (Rev n a)) (Sum n a))
(rewrite (Rev n (Rev n a)) a)
(rewrite (Rev n (Map n c f a)) (Map n c f (Rev n a)))
(rewrite (Map n c f (Rev n a)) (Rev n (Map n c f a)))
(rewrite (Zip n (Map n c f a) b) (MapZip n c f a b))
(rewrite (Zip n a b) (Zip n b a))
"""
    return Family(rules, roots, _array_cost)


def _maps(source: random.Random, functions: Sequence[tuple[str, int]], length: int, term: str, count: int) -> str:
    for _ in range(count):
        name, operations = source.choice(functions)
        term = f'(Map {length} {operations} (F "{name}") {term})'
    return term


def _array_cost(operation: str, beside: Sequence[str]) -> float:
    kind, *literals = operation.split()
    if kind in ("F", "Array"):
        return 0
    if kind == "Then":
        return 8
    memory = {"Map": 2, "Zip": 3, "Sum": 1, "Rev": 2, "MapSum": 1, "ZipSum": 2, "MapZip": 3}[kind]
    return int(literals[0]) * (memory + (int(literals[1]) if kind.startswith("Map") else 1))
