"""Templates are compiled once a process, however many applications it makes."""

from types import CodeType

from jinja2.bccache import Bucket, BytecodeCache


class KeptTemplates(BytecodeCache):
    """What was compiled, by template and content; in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key, bucket.checksum] = bucket.code
