"""What holds a worker process in: how much memory and time hostile mail may cost it.

Called inside that process, on its only thread. Each system has its own means.
"""

from __future__ import annotations

import os
import signal
import sys

EXHAUSTED = 79  # the exit status of a worker that was ended for the memory it used
_NICE = 5
_WATCH_SECONDS = 0.02


def step_back() -> None:
    """Leave the processor to the window and to the engine where they want it."""
    if sys.platform == "win32":
        import ctypes

        below_normal = 0x4000
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        kernel.SetPriorityClass(ctypes.c_void_p(kernel.GetCurrentProcess()), below_normal)
    else:
        os.nice(_NICE)


def limit_memory(memory_bytes: int) -> None:
    """Let allocations fail beyond `memory_bytes`; on a Mac the process ends there."""
    if sys.platform == "win32":
        _join_job(memory_bytes)
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "darwin":
        # There every process has mapped more than that before it begins, so no limit is taken.
        watch_memory(memory_bytes, unit_bytes=1)
    else:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def limit_time(seconds: float) -> None:
    """Let the system end this process once it has computed for `seconds` more.

    Processor time, so that a busy or sleeping machine does not make innocent mail unreadable; the
    signal is left to its default, because a handler in Python would wait for C code to return.
    Windows has no such timer: there the engine's own patience, in wall-clock time, ends it.
    """
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_PROF, seconds)


def watch_memory(memory_bytes: int, *, unit_bytes: int) -> None:
    """End this process once it holds more, looked at many times a second on another thread.

    `unit_bytes` is what the system counts in: a byte on a Mac, a kilobyte on Linux.
    """
    import resource
    import threading
    import time

    def watch() -> None:
        while resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit_bytes <= memory_bytes:
            time.sleep(_WATCH_SECONDS)
        os._exit(EXHAUSTED)

    threading.Thread(target=watch, name="memory-watch", daemon=True).start()


if sys.platform == "win32":

    def _join_job(memory_bytes: int) -> None:
        """Put this process into a job of Windows that may have so much memory, and no more."""
        import ctypes
        from ctypes import wintypes

        class Basic(ctypes.Structure):
            _fields_ = (
                ("PerProcessUserTimeLimit", wintypes.LARGE_INTEGER),
                ("PerJobUserTimeLimit", wintypes.LARGE_INTEGER),
                ("LimitFlags", wintypes.DWORD),
                ("MinimumWorkingSetSize", ctypes.c_size_t),
                ("MaximumWorkingSetSize", ctypes.c_size_t),
                ("ActiveProcessLimit", wintypes.DWORD),
                ("Affinity", ctypes.c_size_t),
                ("PriorityClass", wintypes.DWORD),
                ("SchedulingClass", wintypes.DWORD),
            )

        class Extended(ctypes.Structure):
            _fields_ = (
                ("BasicLimitInformation", Basic),
                ("IoInfo", ctypes.c_ulonglong * 6),
                ("ProcessMemoryLimit", ctypes.c_size_t),
                ("JobMemoryLimit", ctypes.c_size_t),
                ("PeakProcessMemoryUsed", ctypes.c_size_t),
                ("PeakJobMemoryUsed", ctypes.c_size_t),
            )

        process_memory, no_dialog, extended_information = 0x100, 0x400, 9
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.CreateJobObjectW.restype = wintypes.HANDLE
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.SetInformationJobObject.argtypes = (
            wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD,
        )  # fmt: skip
        kernel.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
        limits = Extended()
        limits.BasicLimitInformation.LimitFlags = process_memory | no_dialog
        limits.ProcessMemoryLimit = memory_bytes
        job = kernel.CreateJobObjectW(None, None)  # lives as long as this process
        size = ctypes.sizeof(limits)
        if not (
            job
            and kernel.SetInformationJobObject(
                job, extended_information, ctypes.byref(limits), size
            )
            and kernel.AssignProcessToJobObject(job, kernel.GetCurrentProcess())
        ):
            raise ctypes.WinError(ctypes.get_last_error())
