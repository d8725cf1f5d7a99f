"""Carries out one command and makes of whatever goes wrong a line for a person."""

from __future__ import annotations

import gc
import importlib
import sys
import traceback
from argparse import Namespace
from types import ModuleType

from desktop_inbox import log
from desktop_inbox.cli.output import Failure, Output
from desktop_inbox.cli.session import Session
from desktop_inbox.domain.errors import UserError
from desktop_inbox.paths import places

DONE, FAILED = 0, 1

_COLLECT_AFTER = 50_000  # new objects


def run(options: Namespace) -> int:
    """Carry out a parsed command line and return the exit status.

    Only the module of the asked command is imported, so that `inspect` needs no store and
    `--help` needs nothing.
    """
    output = Output(as_json=options.json)
    session = Session(places=places(options.data_dir), output=output)
    module = _imported(f"desktop_inbox.cli.{options.module}")
    try:
        status = getattr(module, options.function)(session, options)
        output.flush()
    except KeyboardInterrupt:
        return FAILED
    except BrokenPipeError:  # whoever read us has enough
        output.abandon()
        return DONE
    except Exception as error:  # noqa: BLE001 - the last hook: a person gets a line, not a traceback
        output.failure(_explained(error))
        return FAILED
    else:
        return DONE if status is None else int(status)
    finally:
        session.close()


def _imported(name: str) -> ModuleType:
    """Import a module. To look for garbage in what stays anyway takes a tenth of the start.

    Afterwards it is looked for less often than Python does: a batch of mail makes thousands of
    objects that are no garbage, and looking through them again and again takes a quarter of ingest.
    """
    gc.disable()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.set_threshold(_COLLECT_AFTER)
        gc.enable()


def _explained(error: Exception) -> Failure:
    """Return what to tell a person about any exception; what is ours to mend is printed whole."""
    if isinstance(error, Failure):
        return error
    from desktop_inbox import words
    from desktop_inbox.connectors.errors import ConnectorError
    from desktop_inbox.store.errors import StoreError
    from desktop_inbox.store.lock import EngineBusy

    if isinstance(error, UserError):
        return Failure(error.code, words.refusal(error.code, error.values))
    if isinstance(error, StoreError):
        values = {"path": error.path, "detail": error.detail}
        return Failure(error.code, f"{words.refusal(error.code, values)} ({error.path})")
    if isinstance(error, EngineBusy):
        pid = error.holder.pid if error.holder else "?"
        return Failure("engine-busy", words.refusal("engine-busy", {"pid": pid}))
    if isinstance(error, ConnectorError):
        code = str(getattr(error, "cause", getattr(error, "reason", "server")))
        return Failure(code, words.cause(code, error.detail))
    if isinstance(error, OSError):
        named = f": {error.filename}" if error.filename else ""
        return Failure("system", f"{error.strerror or error}{named}")
    sys.stderr.write(log.redact("".join(traceback.format_exception(error))))
    return Failure("bug", words.bug(error))
