"""H.264 without keyframes: pictures from which on, strip by strip, everything is drawn anew.

Containers list them as keyframes. A decoder that begins at one shows nothing whole until its recovery point's count of
pictures has passed (ITU-T H.264, D.2.8).
"""

from collections.abc import Iterator

import av

from earshelf.adapters.libav.opening import VideoPacket

_IDR, _SEI = 5, 6
_TYPE = 0x1F
_RECOVERY_POINT = 6
_ALL_OF_A_LENGTH = 0xFF
_STARTS = b"\x00\x00\x01"
_IN_BOXES = 1
_LEAST_SETUP = 7


def recovers_later(context: av.VideoCodecContext, packet: VideoPacket) -> bool:
    """Says whether a packet that counts as a keyframe is whole only some pictures later."""
    if context.name != "h264":
        return False
    for unit in _units(bytes(packet), bytes(context.extradata or b"")):
        kind = unit[0] & _TYPE if unit else 0
        if kind == _SEI and (payload := _recovery_point(unit[1:])):
            # Exp-Golomb: a set bit in front is a zero
            return not payload[0] & 0x80
        if kind in (_IDR, 1):
            break
    return False


def _units(packet: bytes, setup: bytes) -> Iterator[bytes]:
    """Gives the packet's NAL units, which come behind their lengths or between start codes."""
    if len(setup) < _LEAST_SETUP or setup[0] != _IN_BOXES:
        yield from (part for part in packet.split(_STARTS)[1:])
        return
    width, at = (setup[4] & 3) + 1, 0
    while at + width <= len(packet):
        length = int.from_bytes(packet[at : at + width])
        yield packet[at + width : at + width + length]
        at += width + length


def _recovery_point(messages: bytes) -> bytes:
    """Returns the payload of the recovery point among SEI messages, or nothing."""
    at = 0
    while at + 1 < len(messages):
        kind, at = _counted(messages, at)
        size, at = _counted(messages, at)
        if kind == _RECOVERY_POINT:
            return messages[at : at + size]
        at += size
    return b""


def _counted(messages: bytes, at: int) -> tuple[int, int]:
    """Reads a number that is written as bytes of 255 and a last one."""
    number = 0
    while at < len(messages) and messages[at] == _ALL_OF_A_LENGTH:
        number, at = number + _ALL_OF_A_LENGTH, at + 1
    return number + (messages[at] if at < len(messages) else 0), at + 1
