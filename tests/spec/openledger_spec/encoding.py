"""Section 1: canonical encoding. What is read is exactly what would have been written, or it is refused."""

from typing import Callable, TypeVar

from .hashing import Refused

T = TypeVar("T")


def varint(value: int) -> bytes:
    """Section 1: unsigned LEB128 of least length."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def counted(items: list[bytes]) -> bytes:
    """A list: its number of items, then the items."""
    return varint(len(items)) + b"".join(items)


def sized(data: bytes) -> bytes:
    """Bytes with their length before them."""
    return varint(len(data)) + data


class Reader:
    """Reads an encoding from its front."""

    def __init__(self, data: bytes):
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        if length > len(self.data) - self.at:
            raise Refused("the encoding ends early")
        self.at += length
        return self.data[self.at - length : self.at]

    def varint(self, bits: int = 64) -> int:
        """Section 1: a longer form, more than ten bytes and a value over the field's bits are refused."""
        value, shift = 0, 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift > 0:
                    raise Refused("a varint that is not the shortest")
                if value >> bits:
                    raise Refused(f"a varint of over {bits} bits")
                return value
            shift += 7
            if shift > 63:
                raise Refused("a varint of over ten bytes")

    def hash(self) -> bytes:
        return self.take(32)

    def sized(self) -> bytes:
        return self.take(self.varint())

    def counted(self, item: Callable[["Reader"], T]) -> list[T]:
        count = self.varint()
        if count > len(self.data) - self.at:  # every item takes a byte at least
            raise Refused("a list longer than what is left")
        return [item(self) for _ in range(count)]

    def hashes(self) -> list[bytes]:
        return self.counted(Reader.hash)

    def end(self) -> None:
        if self.at != len(self.data):
            raise Refused("bytes after the end")


def whole(data: bytes, read: Callable[[Reader], T]) -> T:
    """The one value whose encoding these bytes are: nothing may follow it."""
    reader = Reader(data)
    value = read(reader)
    reader.end()
    return value
