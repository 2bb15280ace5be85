"""Passkeys: what a browser is asked for, and whether what it answers proves it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from bot.signing_in import PasskeyRefusedError

if TYPE_CHECKING:
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from storage.models import Passkey, Person

_REQUIRED = UserVerificationRequirement.REQUIRED


def ask_for_one_of(known: Iterable[Passkey], *, challenge: bytes, public_url: str) -> str:
    """Return, as JSON, what the browser needs to use one of these passkeys."""
    asked = generate_authentication_options(
        rp_id=_host(public_url),
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one.credential_id) for one in known],
        user_verification=_REQUIRED,
    )
    return options_to_json(asked)


def ask_for_a_new_one(person: Person, *, hotline: str, challenge: bytes, public_url: str) -> str:
    """Return, as JSON, what the browser needs to make the person's first passkey."""
    made = generate_registration_options(
        rp_id=_host(public_url),
        rp_name=hotline,
        user_name=person.alias,
        user_id=person.id.bytes,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_REQUIRED
        ),
    )
    return options_to_json(made)


def use(
    credential: str, known: Iterable[Passkey], *, challenge: bytes, public_url: str
) -> tuple[Passkey, int]:
    """Return which of the passkeys is proved, and how often it was used; raises PasskeyRefusedError."""
    with _refusing():
        shown = base64url_to_bytes(str(json.loads(credential)["id"]))
        passkey = next((one for one in known if one.credential_id == shown), None)
        if passkey is None:
            raise PasskeyRefusedError
        proved = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(public_url),
            expected_origin=_origin(public_url),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
        return passkey, proved.new_sign_count


def made(credential: str, *, challenge: bytes, public_url: str) -> VerifiedRegistration:
    """Return the passkey that the browser has made; raises PasskeyRefusedError."""
    with _refusing():
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_host(public_url),
            expected_origin=_origin(public_url),
            require_user_verification=True,
        )


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise PasskeyRefusedError from error


def _host(public_url: str) -> str:
    return urlsplit(public_url).hostname or ""


def _origin(public_url: str) -> str:
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}"
