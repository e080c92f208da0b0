# Prints the tables of twofold_tables-inl.h. Needs mpmath.
from mpmath import mp, mpf, log, pi, sqrt

mp.prec = 3000


def parts(x, bits):
    """x as a sum of doubles; each but the last holds no more than `bits` bits."""
    result = []
    for i in range(len(bits)):
        with mp.workprec(bits[i]):
            part = +x
        result.append(float(part).hex())
        x = x - mpf(float(part))
    return result


def two(x):
    high, low = parts(x, [53, 53])
    return "{%s, %s}" % (high, low)


def table(name, values):
    print("inline const Twofold %s[] = {" % name)
    for i in range(0, len(values), 3):
        print("    " + ", ".join(two(v) for v in values[i:i + 3]) + ",")
    print("};\n")


table("inverse_factorial", [1 / mp.factorial(n) for n in range(30)])
table("inverse_odd", [1 / mpf(2 * n + 1) for n in range(32)])
print("log 2: ", parts(log(2), [42, 42, 53]))
for name, x in (("pi/2", pi / 2), ("sqrt(2)", sqrt(mpf(2))), ("1/sqrt(2 pi)", 1 / sqrt(2 * pi)), ("2/sqrt(pi)", 2 / sqrt(pi)), ("1/3", mpf(1) / 3)):
    print("%s: %s" % (name, two(x)))
