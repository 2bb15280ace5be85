"""What the environment decides: addresses, secrets and ports."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.configuration import ConfigurationError

_KEY_BYTES = 32
_PRIVATE_MODE = 0o077


class Settings(BaseSettings):
    """The run contract's environment variables."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True)

    bot_token: SecretStr | None = None
    telegram_api_url: str = "https://api.telegram.org"
    webhook_url: str | None = None
    webhook_secret: SecretStr | None = None
    database_url: str = "sqlite:///data/hotline.db"
    keys_url: str | None = None
    data_key: SecretStr | None = None
    data_key_file: Path | None = None
    new_data_key: SecretStr | None = None
    new_data_key_file: Path | None = None
    http_host: str = "127.0.0.1"
    http_port: int = Field(8080, ge=0, le=65535)
    public_url: str = "http://localhost:8080"
    hotline_config: Path = Path(__file__).parent.parent / "hotline.toml"
    heartbeat_url: str | None = None
    alert_url: str | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, level: object) -> object:
        return level.lower() if isinstance(level, str) else level

    @field_validator("telegram_api_url", "webhook_url", "public_url", "heartbeat_url", "alert_url")
    @classmethod
    def _is_http(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("http://", "https://")):
            message = "must begin with http:// or https://"
            raise ValueError(message)
        return url if url is None else url.rstrip("/")

    @field_validator("bot_token")
    @classmethod
    def _is_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None:
            number, colon, secret = token.get_secret_value().partition(":")
            if not (number.isdigit() and colon and secret):
                message = "must look like 123456:ABC-DEF, as BotFather gives it"
                raise ValueError(message)
        return token

    @model_validator(mode="after")
    def _webhook_has_secret(self) -> Settings:
        if self.webhook_url is not None and self.webhook_secret is None:
            message = "WEBHOOK_SECRET: must be set where WEBHOOK_URL is"
            raise ValueError(message)
        return self

    @property
    def token(self) -> str:
        """The bot's token; empty where there is none."""
        return self.bot_token.get_secret_value() if self.bot_token else ""

    @property
    def keys_database_url(self) -> str:
        """Where the key store is: beside an SQLite database unless told otherwise."""
        if self.keys_url is not None:
            return self.keys_url
        if not self.database_url.startswith("sqlite"):
            raise ConfigurationError(["KEYS_URL: must be set where DATABASE_URL is not SQLite"])
        head, _, _ = self.database_url.rpartition("/")
        return f"{head}/keys.db"

    def master_key(self) -> bytes:
        """Return the 32 bytes of DATA_KEY or DATA_KEY_FILE; raises ConfigurationError."""
        return _read_key(self.data_key, self.data_key_file, "DATA_KEY")

    def new_master_key(self) -> bytes:
        """Return the 32 bytes of NEW_DATA_KEY or NEW_DATA_KEY_FILE; raises ConfigurationError."""
        return _read_key(self.new_data_key, self.new_data_key_file, "NEW_DATA_KEY")


def _read_key(key: SecretStr | None, file: Path | None, name: str) -> bytes:
    if key is not None:
        return _decode_key(key.get_secret_value(), name)
    if file is None:
        raise ConfigurationError(
            [f"{name}: is required: 32 random bytes in base64, or their file in {name}_FILE"]
        )
    try:
        if os.name == "posix" and file.stat().st_mode & _PRIVATE_MODE:
            raise ConfigurationError([f"{name}_FILE: others can read the file; set its mode to 0600"])
        return _decode_key(file.read_text().strip(), f"{name}_FILE")
    except OSError as error:
        raise ConfigurationError([f"{name}_FILE: cannot be read: {error.strerror}"]) from error


def _decode_key(written: str, name: str) -> bytes:
    try:
        key = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ConfigurationError([f"{name}: is not base64"]) from error
    if len(key) != _KEY_BYTES:
        raise ConfigurationError([f"{name}: must be 32 bytes, it is {len(key)}"])
    return key


def read_settings() -> Settings:
    """Return the settings in the environment; raises ConfigurationError with a line for each fault."""
    try:
        return Settings()
    except ValidationError as error:
        faults = []
        for one in error.errors():
            name = ".".join(str(part) for part in one["loc"]).upper()
            message = one["msg"].removeprefix("Value error, ")
            faults.append(f"{name}: {message}" if name else message)
        raise ConfigurationError(faults) from error
