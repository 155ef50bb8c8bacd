"""What Celery's workers do: the same as a unit, and for W2 a signature of it."""

from hashlib import sha256

from celery import Celery
from nacl.signing import SigningKey

app = Celery("tasks")
app.conf.update(
    task_serializer="json",
    result_serializer="json",
    worker_prefetch_multiplier=32,
    task_default_queue="units",
)
key = SigningKey.generate()


def digest_of(payload):
    return sha256(payload.encode()).hexdigest()


@app.task
def unit(payload):
    return digest_of(payload)


@app.task
def signed(payload):
    digest = digest_of(payload)
    return [digest, key.sign(digest.encode()).signature.hex(), key.verify_key.encode().hex()]
