"""Lengths and texts as ClickHouse's formats have them, for those who need no more of the format `Native`."""


def varint(number: int) -> bytes:
    """A whole number from 0 on: seven bits a byte, lowest first."""
    return bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80]) + varint(number >> 7)


def prefixed(content: bytes) -> bytes:
    """Bytes after their length."""
    return varint(len(content)) + content
