"""W1 and W2 on Celery, from the side of who publishes; prints what it measured, as JSON."""

import json
import sqlite3
import sys
import time
from hashlib import sha256

from nacl.signing import VerifyKey
from tasks import app, digest_of, signed, unit

redis, what = sys.argv[1:3]
count, alone = int(sys.argv[3]), int(sys.argv[4])
app.conf.update(broker_url=redis, result_backend=redis)
payloads = [sha256(f"payload:{i}".encode()).hexdigest() * 16 for i in range(count)]


def units(some):
    for asked, payload in [(unit.delay(payload), payload) for payload in some]:
        if asked.get() != digest_of(payload):
            raise SystemExit("another result")


def validated(some, table):
    names = ("a", "b")
    for asked in [[signed.apply_async((one,), queue=name) for name in names] for one in some]:
        found = [one.get() for one in asked]
        for digest, signature, key in found:
            VerifyKey(bytes.fromhex(key)).verify(digest.encode(), bytes.fromhex(signature))
        if found[0][0] != found[1][0]:
            raise SystemExit("two results")
        with table:
            for name in names:
                table.execute("UPDATE balance SET micro = micro + 1 WHERE owner = ?", (name,))


def timed(run):
    begun = time.perf_counter()
    run()
    return time.perf_counter() - begun


if what == "w1":
    units(payloads[:300])
    took = timed(lambda: units(payloads))
    each = sorted(timed(lambda: units([payload])) for payload in payloads[:alone])
    said = {"us": took * 1e6 / count}
    said |= {"p50": each[len(each) // 2] * 1e6, "p99": each[len(each) * 99 // 100] * 1e6}
else:
    # In memory, as the whole yardstick is: it promises nothing after a crash.
    balances = sqlite3.connect(":memory:")
    balances.execute("CREATE TABLE balance (owner TEXT PRIMARY KEY, micro INTEGER)")
    balances.execute("INSERT INTO balance VALUES ('a', 0), ('b', 0)")
    validated(payloads[:150], balances)
    said = {"us": timed(lambda: validated(payloads, balances)) * 1e6 / count}
print(json.dumps(said))
