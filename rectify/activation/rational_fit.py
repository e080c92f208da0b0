#!/usr/bin/env python3
"""Makes the initial coefficients of the rational unit in units.h: the least-squares fit of P(x) / (1 + |q_1 x| + ... + |q_4 x^4|), P of degree 5, to leaky
ReLU with slope 0.01 on [-5, 5], an error at x counting exp(-x^2/8). Levenberg and Marquardt's method from a fixed start. Run: python3 rational_fit.py"""
import math

POINTS = [-5 + i / 40 for i in range(401)]
WEIGHT = [math.exp(-x * x / 8) for x in POINTS]


def target(x):
    return x if x > 0 else 0.01 * x


def value(c, x):
    p = sum(c[j] * x**j for j in range(6))
    q = 1 + sum(abs(c[6 + k]) * abs(x) ** (k + 1) for k in range(4))
    return p, q


def residuals(c):
    return [w * (value(c, x)[0] / value(c, x)[1] - target(x)) for x, w in zip(POINTS, WEIGHT)]


def jacobian(c):
    rows = []
    for x, w in zip(POINTS, WEIGHT):
        p, q = value(c, x)
        rows.append([w * x**j / q for j in range(6)] + [-w * p / q / q * abs(x) ** (k + 1) * math.copysign(1, c[6 + k]) for k in range(4)])
    return rows


def solve(a, b):
    n = len(b)
    m = [row[:] + [y] for row, y in zip(a, b)]
    for i in range(n):
        pivot = max(range(i, n), key=lambda r: abs(m[r][i]))
        m[i], m[pivot] = m[pivot], m[i]
        for r in range(i + 1, n):
            f = m[r][i] / m[i][i]
            for k in range(i, n + 1):
                m[r][k] -= f * m[i][k]
    x = [0.0] * n
    for i in reversed(range(n)):
        x[i] = (m[i][n] - sum(m[i][k] * x[k] for k in range(i + 1, n))) / m[i][i]
    return x


def cost(c):
    return sum(r * r for r in residuals(c))


c = [0.02, 0.6, 2.0, 3.0, 1.5, 0.25, 1.0, 4.0, 1.0, 0.35]
damping, current = 1e-3, cost(c)
for _ in range(400):
    r, j = residuals(c), jacobian(c)
    normal = [[sum(row[a] * row[b] for row in j) for b in range(10)] for a in range(10)]
    gradient = [-sum(row[a] * y for row, y in zip(j, r)) for a in range(10)]
    step = solve([[normal[a][b] * (1 + damping * (a == b)) for b in range(10)] for a in range(10)], gradient)
    candidate = [x + d for x, d in zip(c, step)]
    if (after := cost(candidate)) < current:
        c, current, damping = candidate, after, damping / 3
    else:
        damping *= 4
c = [round(x, 6) for x in c]
print("numerator  ", c[:6])
print("denominator", c[6:])
for end in (1, 3, 5):
    print(f"largest error on [-{end}, {end}]: {max(abs(value(c, x)[0] / value(c, x)[1] - target(x)) for x in POINTS if abs(x) <= end):.4f}")
