#!/usr/bin/env python3
"""Makes the tables of roots-inl.h: Taylor coefficients of slopes and curvatures about their zeros (of the even ones, the negative zero). Needs mpmath. Run: python3 roots.py

Each line is root (two parts), then the coefficients of (x - root), (x - root)^2, ...; the first nine are good to 2^-53 relative within 2^-6 of the root, all of them within 2^-3.
"""
from mpmath import mp, mpf, diff, exp, erf, findroot, log, sqrt, pi, tanh, taylor

mp.dps = 80
DEGREE = 14


def sigmoid(x):
    return 1 / (1 + exp(-x))


FUNCTIONS = {
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * (1 + erf(x / sqrt(mpf(2)))) / 2,
    "gelu_tanh": lambda x: x * (1 + tanh(sqrt(2 / pi) * (x + mpf("0.044715") * x ** 3))) / 2,
    "mish": lambda x: x * tanh(log(1 + exp(x))),
    "serf": lambda x: x * erf(log(1 + exp(x))),
    "logish": lambda x: x * log(1 + sigmoid(x)),
    "tanh_exp": lambda x: x * tanh(exp(x)),
    "elish": lambda x: (exp(x) - 1) * sigmoid(x),
    "lisht": lambda x: x * tanh(x),
}
ROOTS = [("silu", 1, -1.28), ("silu", 2, -2.4), ("gelu", 1, -0.75), ("gelu_tanh", 1, -0.75), ("gelu_tanh", 2, -1.4),
         ("mish", 1, -1.19), ("mish", 2, -2.26), ("mish", 2, 1.49),
         ("serf", 1, -1.1), ("serf", 2, -2.1), ("serf", 2, 1.0), ("logish", 1, -1.2), ("logish", 2, -2.3), ("logish", 2, 2.5),
         ("tanh_exp", 1, -1.1), ("tanh_exp", 2, -2.1), ("tanh_exp", 2, 0.5), ("elish", 1, -0.88), ("elish", 2, -1.72), ("lisht", 2, -1.2)]


def hexadecimal(value):
    return float.hex(float(value))


for name, order, start in ROOTS:
    f = FUNCTIONS[name]
    series = lambda x: taylor(f, x, order + 1)[order] * mp.factorial(order)
    root = findroot(series, mpf(start))
    high = mpf(float(root))
    coefficients = taylor(f, root, order + DEGREE)
    scaled = [coefficients[k + order] * mp.factorial(k + order) / mp.factorial(k) for k in range(1, DEGREE + 1)]
    print(name, "derivative", order, "at", mp.nstr(root, 20))
    print("  {" + hexadecimal(high) + ", " + hexadecimal(root - high) + ", {" + ", ".join(map(hexadecimal, scaled)) + "}};")
    print("  truncation 2^", mp.nstr(log(abs(scaled[-1] / scaled[0]), 2) - 3 * (DEGREE - 1), 5))
