"""Who is meant by a referral stands in one column alone, sealed; what it says is nowhere in the open."""

from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from bot.configuration import Configuration
from storage.models import ReferralVersion
from storage.store import Store
from tests.databases import Urls
from tests.leaks.search import Planted, in_bytes, in_files, in_postgres
from tests.referring import WRITTEN, Referring, Writer
from tests.screen import Screen

WHO = {"name": "Nord Opdigtesen", "cpr": "610190-4321", "address": "Opdigtet Allé 7", "phone": "22 33 44 55"}
MARKER, REMARK = "Mærkværdigheden fra formularen", "Bemærkningen fra den anden"


async def _opened(store: Store, version: ReferralVersion, column: str) -> bytes:
    key = version.identity_key_id if column == "identity" else version.key_id
    place = f"referral_version.{column}:{version.referral_id}:{version.version}"
    return await store.keys.open(key, getattr(version, f"{column}_sealed"), place=place)


async def test_who_is_meant_and_what_is_said_leave_no_trace(
    store: Store, rules: Configuration, urls: Urls, tmp_path: Path
) -> None:
    desk = Referring(store, rules)
    lone, bodil = await desk.enrol("Lone"), await desk.enrol("Bodil")
    case = await desk.asks()
    with capture_logs() as logs:
        async with Screen(store, rules) as hers, Screen(store, rules) as theirs:
            theirs.client.session.headers["X-Forwarded-For"] = "203.0.113.9"
            await hers.signs_in(lone)
            await theirs.signs_in(bodil)
            writer, reader = Writer(hers, case), Writer(theirs, case)
            await writer.makes()
            await writer.saves("review", reviewer="Bodil", **{**WRITTEN, **WHO, "wish": MARKER})
            await reader.looks()
            await reader.does("send_back", remarks=REMARK)
    planted = Planted(identity=list(WHO.values()), content=[MARKER, REMARK])
    [version] = await desk.versions()
    sealed = {column: await _opened(store, version, column) for column in ("body", "identity", "remarks")}
    everywhere = in_files(tmp_path, planted)
    if urls.database.startswith("postgresql"):
        everywhere += await in_postgres(urls, planted)

    assert everywhere == []
    assert in_bytes(repr(logs).encode(), [*planted.identity, *planted.content], [], "log") == []
    holds_who = {name for name, body in sealed.items() if in_bytes(body, planted.identity, [], name)}
    assert (holds_who, MARKER.encode() in sealed["body"], REMARK.encode() in sealed["remarks"]) == (
        {"identity"},
        True,
        True,
    )
