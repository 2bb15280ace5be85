"""Files: where one can be fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.sandbox.failures import bad_request

if TYPE_CHECKING:
    from bot.sandbox.parameters import Json, Parameters
    from bot.sandbox.world import World


def get_file(world: World, given: Parameters) -> Json:
    """Return where the file lies. Raises a Bad Request for a file nobody has sent."""
    file = world.files.get(given.text("file_id"))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    return {
        "file_id": file["file_id"],
        "file_unique_id": file["file_unique_id"],
        "file_size": file.get("file_size", 1024),
        "file_path": f"{file['kind']}s/file_{file['file_unique_id']}",
    }


METHODS = {"getfile": get_file}
