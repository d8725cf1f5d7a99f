"""Blocking calls beside the engine's loop, on a thread that ends with the call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def aside(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run `call` on a thread of its own: a keyring may ask its user and take a minute."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="aside")
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, lambda: call(*args, **kwargs))
    finally:
        pool.shutdown(wait=False)
