"""Each setting that is wrong gives one clear line and exit code 2, and nothing has been started."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from bot.settings import Settings
from handlers.command_line import app
from tests.databases import Urls
from tests.process import MASTER_KEY, ROOT, Ended, environment, free_port, run_to_the_end, write_rules
from tests.second_stand_in import SecondStandIn

RUN = ("-m", "bot", "run")
NOBODY_LISTENS = "http://127.0.0.1:9"
OURS = [name.upper() for name in Settings.model_fields]


@pytest.fixture
def right(tmp_path: Path) -> dict[str, str]:
    """Settings with which the bot would start, if only somebody answered as Telegram."""
    urls = Urls(f"sqlite:///{tmp_path}/data/hotline.db", f"sqlite:///{tmp_path}/data/keys.db")
    return environment(urls, api_url=NOBODY_LISTENS, port=free_port(), rules=ROOT / "hotline.toml")


def run(variables: dict[str, str]) -> Ended:
    """Run the command in this process, which is quicker; it ends before anything is set up."""
    done = CliRunner().invoke(app, ["run"], env=dict.fromkeys(OURS) | variables)
    structlog.reset_defaults()  # it wrote to a stream of the runner's, closed by now
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return Ended(done.exit_code, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("BOT_TOKEN", "", "BOT_TOKEN: is required; without one there is `python -m bot sandbox`."),
        ("BOT_TOKEN", "abc", "BOT_TOKEN: must look like 123456:ABC-DEF, as BotFather gives it"),
        ("BOT_TOKEN", "1:", "BOT_TOKEN: must look like 123456:ABC-DEF, as BotFather gives it"),
        (
            "DATA_KEY",
            "",
            "DATA_KEY: is required: 32 random bytes in base64, or their file in DATA_KEY_FILE",
        ),
        ("DATA_KEY", "not base64!", "DATA_KEY: is not base64"),
        ("DATA_KEY", base64.b64encode(b"short").decode(), "DATA_KEY: must be 32 bytes, it is 5"),
        ("TELEGRAM_API_URL", "api.telegram.org", "TELEGRAM_API_URL: must begin with http:// or https://"),
        ("WEBHOOK_URL", "https://vink.example", "WEBHOOK_SECRET: must be set where WEBHOOK_URL is"),
        ("WEBHOOK_URL", "vink.example", "WEBHOOK_URL: must begin with http:// or https://"),
        (
            "DATABASE_URL",
            "mysql://root@127.0.0.1/hotline",
            "DATABASE_URL: must be sqlite:///PATH or postgresql://USER@HOST/NAME.",
        ),
        (
            "DATABASE_URL",
            "hotline.db",
            "DATABASE_URL: must be sqlite:///PATH or postgresql://USER@HOST/NAME.",
        ),
        ("HTTP_PORT", "eighty", "HTTP_PORT: Input should be a valid integer"),
        ("HTTP_PORT", "70000", "HTTP_PORT: Input should be less than or equal to 65535"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: Input should be 'debug', 'info', 'warning' or 'error'"),
        (
            "HOTLINE_CONFIG",
            "/nowhere/hotline.toml",
            "hotline.toml: cannot be read: No such file or directory",
        ),
    ],
)
def test_a_wrong_setting_is_one_clear_line(
    right: dict[str, str], tmp_path: Path, name: str, value: str, line: str
) -> None:
    ended = run(right | {name: value})

    assert ended.code == 2
    (said,) = ended.errors.splitlines()
    assert said.startswith(line)
    assert ended.out == ""
    assert not (tmp_path / "data").exists()


def test_two_wrong_settings_are_two_lines(right: dict[str, str]) -> None:
    ended = run(right | {"BOT_TOKEN": "abc", "LOG_LEVEL": "loud"})

    assert ended.code == 2
    assert sorted(line.partition(":")[0] for line in ended.errors.splitlines()) == ["BOT_TOKEN", "LOG_LEVEL"]


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("quiet_minutes = 10 ", "quiet_minute = 10 ", "limits.quiet_minute: Extra inputs are not permitted"),
        ("cap = 5 ", 'cap = "many" ', "limits.cap: Input should be a valid integer"),
        (
            'zone = "Europe/Copenhagen"',
            'zone = "Europe/Nowhere"',
            "hotline.zone: Value error, there is no time zone",
        ),
        ("[limits]", "[limits", "hotline.toml: "),
    ],
)
def test_a_fault_in_the_configuration_names_the_place(
    right: dict[str, str], tmp_path: Path, line: str, instead: str, said: str
) -> None:
    rules = write_rules(tmp_path, {line: instead})

    ended = run(right | {"HOTLINE_CONFIG": str(rules)})

    assert ended.code == 2
    (told,) = ended.errors.splitlines()
    assert told.startswith("hotline.toml: ")
    assert said in told


def test_a_key_file_that_others_can_read_is_refused(right: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "data.key"
    file.write_text(right.pop("DATA_KEY"))
    file.chmod(0o644)

    ended = run(right | {"DATA_KEY_FILE": str(file)})

    assert ended.code == 2
    assert ended.errors == "DATA_KEY_FILE: others can read the file; set its mode to 0600\n"


def test_a_key_file_that_is_not_there_is_refused(right: dict[str, str], tmp_path: Path) -> None:
    del right["DATA_KEY"]

    ended = run(right | {"DATA_KEY_FILE": str(tmp_path / "data.key")})

    assert ended.code == 2
    assert ended.errors == "DATA_KEY_FILE: cannot be read: No such file or directory\n"


def test_postgresql_without_a_key_store_of_its_own_is_refused(right: dict[str, str]) -> None:
    del right["KEYS_URL"]

    ended = run(right | {"DATABASE_URL": "postgresql://hotline@127.0.0.1:9/hotline"})

    assert ended.code == 2
    assert ended.errors == "KEYS_URL: must be set where DATABASE_URL is not SQLite\n"


async def test_the_process_itself_ends_with_code_2(right: dict[str, str]) -> None:
    ended = await run_to_the_end(right | {"BOT_TOKEN": "abc"}, *RUN)

    assert ended == Ended(2, "", "BOT_TOKEN: must look like 123456:ABC-DEF, as BotFather gives it\n")


async def test_a_database_that_does_not_answer_is_one_clear_line(right: dict[str, str]) -> None:
    ended = await run_to_the_end(right | {"DATABASE_URL": "postgresql://hotline@127.0.0.1:9/hotline"}, *RUN)

    assert ended.code == 2
    assert len(ended.errors.splitlines()) == 1
    assert "Traceback" not in ended.errors


async def test_a_token_telegram_does_not_know_is_one_clear_line(right: dict[str, str]) -> None:
    async with SecondStandIn(token="1:ANOTHER") as telegram:
        ended = await run_to_the_end(right | {"TELEGRAM_API_URL": telegram.url}, *RUN)

    assert ended.code == 2
    assert "BOT_TOKEN: Telegram does not know this token." in ended.errors.splitlines()
    assert "Traceback" not in ended.errors


async def test_a_bot_api_that_does_not_answer_is_one_clear_line(right: dict[str, str]) -> None:
    ended = await run_to_the_end(right, *RUN, seconds=60)

    assert ended.code == 2
    assert "TELEGRAM_API_URL: the Bot API does not answer there." in ended.errors.splitlines()
    assert "Traceback" not in ended.errors


async def test_another_data_key_than_the_key_store_was_made_with_is_refused(
    right: dict[str, str], tmp_path: Path
) -> None:
    async with SecondStandIn(token="1:ANOTHER") as telegram:
        await run_to_the_end(right | {"TELEGRAM_API_URL": telegram.url}, *RUN)
        another = base64.b64encode(MASTER_KEY[::-1]).decode()

        ended = await run_to_the_end(right | {"DATA_KEY": another}, *RUN)

    assert ended.code == 2
    assert "DATA_KEY: does not fit the key store; it was made with another key." in ended.errors.splitlines()


async def test_a_port_that_is_taken_is_one_clear_line(right: dict[str, str]) -> None:
    async with SecondStandIn() as telegram:
        taken = telegram.url.rpartition(":")[2]
        variables = right | {"TELEGRAM_API_URL": telegram.url, "HTTP_PORT": taken}

        ended = await run_to_the_end(variables, *RUN)

    assert ended.code == 2
    assert "Traceback" not in ended.errors
    assert "address already in use" in ended.errors
