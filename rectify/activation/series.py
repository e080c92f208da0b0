#!/usr/bin/env python3
"""Makes the coefficients of arctan-inl.h and precise-inl.h and the bits of 2/pi of reduction.cpp. Needs mpmath. Run: python3 series.py

A polynomial interpolates at Chebyshev's nodes, which loses little to the best one; the printed error is that of its rounded coefficients, relative, as a power of two.
"""
from mpmath import mp, mpf, atan, cos, factorial, log, lu_solve, matrix, pi, sqrt, tanh

mp.dps = 60


def fit(label, f, count, low, high, whole):
    """f as a polynomial in x on [low, high]; whole(p, x) is the relative error of what the polynomial p(x) is for."""
    low, high = mpf(low), mpf(high)
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * count)) for k in range(count)]
    a = matrix(count, count)
    b = matrix(count, 1)
    for i, x in enumerate(nodes):
        for j in range(count):
            a[i, j] = x ** j
        b[i] = f(x)
    c = [float(v) for v in lu_solve(a, b)]
    worst = max(abs(whole(sum(mpf(v) * x ** j for j, v in enumerate(c)), x)) for x in (low + (high - low) * k / 997 for k in range(1, 998)))
    print(label, "error 2^", mp.nstr(log(worst, 2), 5))
    print("  {" + ", ".join(float.hex(v) for v in c) + "}")


# arctan(z) = z + z^3 P(z^2) for |z| <= tan(pi/8)
root = lambda g: lambda x: g(sqrt(x))
fit("arctan", root(lambda z: (atan(z) - z) / z ** 3), 13, mpf(2) ** -40, 0.17158, lambda p, x: (1 + x * p) / (atan(sqrt(x)) / sqrt(x)) - 1)

# x - tanh(x) = x^3 (1/3 + x^2 P(x^2)) for |x| <= 1
fit("x - tanh(x)", root(lambda z: ((z - tanh(z)) / z ** 3 - mpf(1) / 3) / z ** 2), 17, mpf(2) ** -30, 1,
    lambda p, x: (mpf(1) / 3 + x * p) / ((sqrt(x) - tanh(sqrt(x))) / sqrt(x) ** 3) - 1)

print("1/n! from n = 5:", ", ".join(float.hex(float(1 / factorial(n))) for n in range(5, 17)))

mp.prec = 2600
bits = int(mp.floor(2 / pi * mpf(2) ** (64 * 38)))
words = [(bits >> (64 * (37 - i))) & (2 ** 64 - 1) for i in range(38)]
for i in range(0, 38, 4):
    print("    " + ", ".join("0x%016x" % w for w in words[i:i + 4]) + ",")
