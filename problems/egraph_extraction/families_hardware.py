"""Families of hardware: constant multiplication, filters, arithmetic datapaths and logic networks."""

import random
from collections.abc import Sequence

from saturation import Family

_WIDTH = 8
"""Bits of an input of a constant multiplication."""


def constant_multiplication(source: random.Random, size: float) -> Family:
    """One input times several constants by shifts and adders (multiple constant multiplication).

    ``K c`` is the c-fold input. Constants are split at each bit position, rounded down or up, and divided by
    2^s + 1 and 2^s - 1. An adder costs the bits of its sum, a shift nothing, a multiplier its partial products.
    """
    bits = 8 + round(size * 0.4)
    constants = sorted(source.sample(range(1 << (bits - 2), 1 << bits), 4 + round(size * 1.2)))
    return _multiples([f"(K {constant | 1})" for constant in constants], bits)


def filter_bank(source: random.Random, size: float) -> Family:
    """The taps of finite impulse response filters: windowed cosines, rounded to integers, all of the same input."""
    bits = 8 + round(size * 0.4)
    taps = set()
    for _ in range(1 + round(size / 4)):
        count = 4 + round(size)
        centre, band = (count - 1) / 2 + source.random() * 0.2, 0.15 + 0.3 * source.random()
        for tap in range(count):
            offset = band * (tap - centre)
            sine = offset - offset**3 / 6 + offset**5 / 120 - offset**7 / 5040
            value = round(((1 << bits) - 1) * (sine / offset if abs(offset) > 1e-9 else 1.0))
            value = abs(value)
            while value and value % 2 == 0:
                value //= 2
            if value > 1:
                taps.add(value)
    return _multiples([f"(K {tap})" for tap in sorted(taps)], bits)


def _multiples(roots: Sequence[str], bits: int) -> Family:
    shifts = "\n".join(f"(S {shift})" for shift in range(1, bits))
    rules = f"""
(datatype E (K i64) (Shl i64 E) (Add E E) (Sub E E))
(relation S (i64))
{shifts}
(rule ((= e (K c)) (> c 1) (= 0 (% c 2))) ((union e (Shl 1 (K (/ c 2))))))
(rule ((= e (K c)) (= 1 (% c 2)) (S s) (= p (<< 1 s)) (> c p))
      ((union e (Add (Shl s (K (/ c p))) (K (% c p))))))
(rule ((= e (K c)) (= 1 (% c 2)) (S s) (= p (<< 1 s)) (= q (- p (% c p))) (> c p) (< (* 2 q) p))
      ((union e (Sub (Shl s (K (+ 1 (/ c p)))) (K q)))))
(rule ((= e (K c)) (S s) (= p (+ 1 (<< 1 s))) (> c p) (= 0 (% c p)))
      ((union e (Add (Shl s (K (/ c p))) (K (/ c p))))))
(rule ((= e (K c)) (> c 3) (S s) (> s 1) (= p (- (<< 1 s) 1)) (> c p) (= 0 (% c p)))
      ((union e (Sub (Shl s (K (/ c p))) (K (/ c p))))))
(rewrite (Shl a (Shl b x)) (Shl (+ a b) x))
"""
    return Family(rules, roots, _multiple_cost)


def _multiple_cost(operation: str, beside: Sequence[str]) -> float:
    kind, *literals = operation.split()
    constant = next((int(other.split()[1]) for other in beside if other.startswith("K ")), 1)
    width = _WIDTH + constant.bit_length()
    if kind in ("Add", "Sub"):
        return width
    if kind == "K" and literals != ["1"]:
        return width * (2 + constant.bit_length())
    return 0


def datapath(source: random.Random, size: float) -> Family:
    """Complex products, rotations and polynomials of shared operands, by the laws of a commutative ring.

    A complex product takes four multiplications, or three that both of its parts share.
    """
    names = [f'(V "{letter}{index}")' for index in range(2 + round(size / 3)) for letter in "ab"]
    roots = []
    for _ in range(1 + round(size / 2)):
        real, imaginary = source.sample(names, 2)
        other_real, other_imaginary = source.sample(names, 2)
        if source.random() < 0.4:
            other_real = f"(Add {other_real} {source.choice(names)})"
        roots.append(f"(Sub (Mul {real} {other_real}) (Mul {imaginary} {other_imaginary}))")
        roots.append(f"(Add (Mul {real} {other_imaginary}) (Mul {imaginary} {other_real}))")
    for _ in range(round(size / 4)):
        first, second, third = source.sample(names, 3)
        roots.append(f"(Add (Mul {first} {second}) (Mul {first} {third}))")
    rules = """
(datatype E (V String) (Add E E) (Sub E E) (Mul E E) (Sqr E))
(rewrite (Add a b) (Add b a))
(rewrite (Mul a b) (Mul b a))
(rewrite (Add a (Add b c)) (Add (Add a b) c))
(rewrite (Sub (Add a b) c) (Add a (Sub b c)))
(rewrite (Add a (Sub b c)) (Sub (Add a b) c))
(rewrite (Mul a (Add b c)) (Add (Mul a b) (Mul a c)))
(rewrite (Add (Mul a b) (Mul a c)) (Mul a (Add b c)))
(rewrite (Mul a (Sub b c)) (Sub (Mul a b) (Mul a c)))
(rewrite (Sub (Mul a b) (Mul a c)) (Mul a (Sub b c)))
(rewrite (Sub (Mul a c) (Mul b d)) (Sub (Mul c (Add a b)) (Mul b (Add c d))))
(rewrite (Add (Mul a d) (Mul b c)) (Add (Mul c (Add a b)) (Mul a (Sub d c))))
(rewrite (Mul a a) (Sqr a))
(rewrite (Sub (Sqr a) (Sqr b)) (Mul (Add a b) (Sub a b)))
"""
    return Family(rules, roots, _datapath_cost)


def _datapath_cost(operation: str, beside: Sequence[str]) -> float:
    return {"Add": 16, "Sub": 17, "Mul": 143, "Sqr": 88}.get(operation, 0)


def logic(source: random.Random, size: float) -> Family:
    """A network with several outputs: carry chains, comparisons and random products of literals.

    Costs are transistors of static CMOS gates.
    """
    width = 2 + round(size / 2)
    roots = []
    carry = '(V "c")'
    for index in range(width):
        left, right = f'(V "a{index}")', f'(V "b{index}")'
        roots.append(f"(Xor (Xor {left} {right}) {carry})")
        carry = f"(Or (And {left} {right}) (And {carry} (Xor {left} {right})))"
    roots.append(carry)
    inputs = [f'(V "{name}{index}")' for index in range(width) for name in "ab"]
    for _ in range(round(size / 2)):
        cubes = []
        for _ in range(2):
            first, second = source.sample(inputs, 2)
            cubes.append(f"(And {first} {second if source.random() < 0.6 else f'(Not {second})'})")
        roots.append(f"({source.choice(['Or', 'Xor'])} {cubes[0]} {cubes[1]})")
    rules = """
(datatype E (V String) (And E E) (Or E E) (Xor E E) (Not E) (Nand E E) (Nor E E) (Xnor E E) (Aoi E E E) (Oai E E E))
(rewrite (And a b) (And b a))
(rewrite (Or a b) (Or b a))
(rewrite (Xor a b) (Xor b a))
(rewrite (Nand a b) (Nand b a))
(rewrite (And a b) (Not (Nand a b)))
(rewrite (Or a b) (Not (Nor a b)))
(rewrite (Not (And a b)) (Nand a b))
(rewrite (Not (Or a b)) (Nor a b))
(rewrite (Not (Not a)) a)
(rewrite (Or a b) (Nand (Not a) (Not b)))
(rewrite (And a b) (Nor (Not a) (Not b)))
(rewrite (Nor (And a b) c) (Aoi a b c))
(rewrite (Nand (Or a b) c) (Oai a b c))
(rewrite (Xor a (Xor b c)) (Xor (Xor a b) c))
(rewrite (Xor a b) (Nand (Nand a (Nand a b)) (Nand b (Nand a b))))
(rewrite (Xor a b) (Aoi a b (Nor a b)))
(rewrite (Xor a b) (Not (Xnor a b)))
(rewrite (Xnor a b) (Oai a b (Nand a b)))
(rewrite (Or (And a b) (And c (Xor a b))) (Or (And a b) (And c (Or a b))))
(rewrite (Or (And a b) (And c (Or a b))) (Nand (Nand a b) (Nand c (Or a b))))
(rewrite (And a (Or b c)) (Or (And a b) (And a c)))
(rewrite (Or (And a b) (And a c)) (And a (Or b c)))
"""
    return Family(rules, roots, _logic_cost)


def _logic_cost(operation: str, beside: Sequence[str]) -> float:
    transistors = {"Not": 2, "Nand": 4, "Nor": 4, "And": 6, "Or": 6, "Aoi": 6, "Oai": 6, "Xor": 12, "Xnor": 12}
    return transistors.get(operation, 0)
