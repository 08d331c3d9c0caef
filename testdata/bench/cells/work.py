"""The work of work.go in Python, as one would write it there."""
import functools
import math
import time


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def fib30():
    return fib(30)


def loop():
    s = 0
    for i in range(10_000_000):
        s += i & 3
    return s


def slice_sum():
    numbers = [0] * 1_000_000
    for i in range(len(numbers)):
        numbers[i] = i
    s = 0
    for v in numbers:
        s += v
    return s


def map_insert():
    m = {}
    for i in range(1_000_000):
        m[i] = i
    return len(m)


def string_building():
    s = ""
    for _ in range(20_000):
        s += "x"
    return len(s)


class Point:
    def __init__(self):
        self.x = self.y = 0

    def move(self, d):
        self.x += d


def fields():
    p = Point()
    for i in range(1_000_000):
        p.x += i
        p.y += p.x & 1
    return p.x + p.y


def calls(n):
    p = Point()
    for i in range(n):
        p.move(i)
    return p.x


def method_call():
    return calls(1_000_000)


def interface_call():
    return calls(100_000)


def closure_call():
    n = 0

    def add(d):
        nonlocal n
        n += d

    for i in range(1_000_000):
        add(i)
    return n


def sort_slice():
    numbers = []
    x = 1
    for _ in range(100_000):
        x = x * 16807 % 2147483647
        numbers.append(x)
    numbers.sort(key=functools.cmp_to_key(lambda a, b: -1 if a < b else 1))
    return numbers[50_000]


def sieve():
    n = 1_000_000
    composite = [False] * n
    primes = 0
    for i in range(2, n):
        if composite[i]:
            continue
        primes += 1
        for j in range(2 * i, n, i):
            composite[j] = True
    return primes


class Body:
    def __init__(self, x, y, z, vx, vy, vz, mass):
        self.x, self.y, self.z = x, y, z
        self.vx, self.vy, self.vz, self.mass = vx, vy, vz, mass


def advance(bodies, dt):
    for i, a in enumerate(bodies):
        for j in range(i + 1, len(bodies)):
            b = bodies[j]
            dx, dy, dz = a.x - b.x, a.y - b.y, a.z - b.z
            d2 = dx * dx + dy * dy + dz * dz
            f = dt / (d2 * math.sqrt(d2))
            a.vx -= dx * b.mass * f
            a.vy -= dy * b.mass * f
            a.vz -= dz * b.mass * f
            b.vx += dx * a.mass * f
            b.vy += dy * a.mass * f
            b.vz += dz * a.mass * f
    for b in bodies:
        b.x += dt * b.vx
        b.y += dt * b.vy
        b.z += dt * b.vz


def n_body():
    bodies = [
        Body(0, 0, 0, 0, 0, 0, 39.5),
        Body(4.84, -1.16, -0.10, 0.61, 2.81, -0.02, 0.038),
        Body(8.34, 4.12, -0.40, -1.01, 1.82, 0.008, 0.011),
        Body(12.89, -15.11, -0.22, 1.08, 0.87, -0.01, 0.0017),
        Body(15.38, -25.92, 0.18, 0.98, 0.59, -0.03, 0.002),
    ]
    for _ in range(10_000):
        advance(bodies, 0.01)
    return int(bodies[1].x * 1e6)


def matrix_product():
    n = 100
    a = [[float(i + j) for j in range(n)] for i in range(n)]
    b = [[float(i - j) for j in range(n)] for i in range(n)]
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            s = 0.0
            for k in range(n):
                s += a[i][k] * b[k][j]
            c[i][j] = s
    return int(c[n // 2][n // 3])


def measure(name, work):
    best = None
    for _ in range(2):
        begin = time.perf_counter_ns()
        result = work()
        took = time.perf_counter_ns() - begin
        best = took if best is None else min(best, took)
    print(name, best, result)


measure("fib(30)", fib30)
measure("loop-10M", loop)
measure("slice-sum-1M", slice_sum)
measure("map-insert-1M", map_insert)
measure("string-build-20k", string_building)
measure("field-1M", fields)
measure("method-call-1M", method_call)
measure("interface-call-100k", interface_call)
measure("closure-call-1M", closure_call)
measure("sort-slice-100k", sort_slice)
measure("sieve-1M", sieve)
measure("n-body-10k", n_body)
measure("matrix-100", matrix_product)
