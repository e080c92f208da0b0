#!/usr/bin/env python3
"""Makes the coefficients of brief_mills in normal-inl.h. Run: python3 mills.py   (needs mpmath; some seconds)

Mills' ratio of the normal distribution over sqrt(2 pi), m(a) = (1 - Phi(a)) exp(a^2/2), as P(a)/Q(a) for 0 <= a <= 9: P of degree 6, Q of degree 7 with
leading coefficient 1. P and Q minimise the squares of the relative error (P - m Q)/(m Q) at Chebyshev points, the Q below the line being that of the step before.
"""
from mpmath import cos, erfc, exp, fdot, log, lu_solve, matrix, mp, mpf, pi, polyval, sqrt

mp.dps = 60
degree, end, count = 6, mpf(9), 120


def mills(a):
    return erfc(a / sqrt(2)) * exp(a * a / 2) / 2


points = [end * (1 - cos(pi * (2 * i + 1) / (2 * count))) / 2 for i in range(count)]
values = [mills(a) for a in points]
below = [mpf(1)] * count
for _ in range(12):
    rows = [[a**k / (m * q) for k in range(degree + 1)] + [-(a**k) / q for k in range(degree + 1)] for a, m, q in zip(points, values, below)]
    right = [a ** (degree + 1) / q for a, q in zip(points, below)]
    columns = list(zip(*rows))
    normal = matrix([[fdot(c, d) for d in columns] for c in columns])
    solution = lu_solve(normal, matrix([fdot(c, right) for c in columns]))
    p, q = list(solution[: degree + 1]), list(solution[degree + 1 :]) + [mpf(1)]
    below = [polyval(q[::-1], a) for a in points]

p, q = [mpf(float(c)) for c in p], [mpf(float(c)) for c in q]
grid = [end * i / 4000 for i in range(4001)]
error = max(abs(polyval(p[::-1], a) / polyval(q[::-1], a) / mills(a) - 1) for a in grid)
print("relative difference 2^%.2f" % log(error, 2))
print("P", ", ".join(float(c).hex() for c in p))
print("Q", ", ".join(float(c).hex() for c in q))
