"""Keys nobody needs any more: made before a row that never came, or doomed by a process that then died."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from scheduling.instant import Instant
from storage.models import Card, Chat, Enquiry, Person, Referral, ReferralVersion
from storage.store import Store

_YOUNG = timedelta(days=1)  # a key this young may belong to a transaction under way


async def destroy_orphans(store: Store) -> int:
    """Destroy and count the keys that no enquiry, chat, held text, contact card, referral or person names."""
    before = Instant.of(store.clock.now() - _YOUNG)
    of_referrals = select(Referral.id).where(Referral.destroyed_at.is_(None))
    is_kept = ReferralVersion.referral_id.in_(of_referrals)
    wanted = {
        "enquiry": select(Enquiry.key_id).where(Enquiry.destroyed_at.is_(None)),
        "held": select(Enquiry.held_key_id).where(Enquiry.held_key_id.is_not(None)),
        "chat": select(Chat.key_id),
        "person": select(Person.key_id).where(Person.key_id.is_not(None)),
        "card": select(Card.key_id).where(Card.key_id.is_not(None)),
        "referral": select(ReferralVersion.key_id).where(is_kept),
        "identity": select(ReferralVersion.identity_key_id).where(is_kept),
    }
    orphans: set[UUID] = set()
    for purpose, query in wanted.items():
        made = set(await store.keys.made_before(purpose, before))
        if made:
            async with store.reading() as session:
                orphans |= made - set((await session.execute(query)).scalars())
    if orphans:
        await store.keys.destroy(orphans)
    return len(orphans)
