"""The pipeline in a process that may not map files any more, neither nodes nor DMABUFs. Run by test_m2m; says what it saw."""

from __future__ import annotations

import ctypes
import errno
import struct
import threading

from tests.kernel.guest.video import Video

_SET_NO_NEW_PRIVS = 38
_SECCOMP, _SET_MODE_FILTER, _ALL_THREADS = 317, 1, 1
_X86_64 = 0xC000003E
_MMAP, _FD_ARGUMENT = 9, 16 + 8 * 4
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM


def seal() -> None:
    """From now on mmap with a descriptor gives EPERM, in every thread (linux/seccomp.h, linux/bpf_common.h)."""
    program = [
        (_LOAD, 0, 0, 4), (_EQUAL, 0, 5, _X86_64),
        (_LOAD, 0, 0, 0), (_EQUAL, 0, 3, _MMAP),
        (_LOAD, 0, 0, _FD_ARGUMENT), (_EQUAL, 1, 0, 0xFFFFFFFF),
        (_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW),
    ]  # fmt: skip
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    head = struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.syscall(_SECCOMP, _SET_MODE_FILTER, _ALL_THREADS, head):
        raise OSError(ctypes.get_errno(), "seccomp")


def main() -> None:
    video = Video()
    video.pipeline.start()
    video.pipeline.watch(True)
    video.unit()  # all that has to be loaded is
    seal()
    print("sealed")
    refused, answers = threading.Event(), []
    video.pipeline.grab(lambda answer: (answers.append(answer), refused.set()))
    refused.wait()
    print(f"a snapshot: {getattr(answers[0], 'strerror', answers[0])}")
    print(f"{len([video.unit() for _count in range(20)])} access units")
    video.pipeline.stop()


if __name__ == "__main__":
    main()
