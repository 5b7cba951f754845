"""Starts of a device with a card, from the files on it to the files that follow."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from app import durable
from app.gadget.request import REQUEST, asked
from app.settings import parse
from tests.app.firstrun.bench import FULL, KEY, PASSWD, SECRETS, Device


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path)


def test_a_device_without_a_file_has_its_own_name_and_nobody_with_a_shell(device: Device) -> None:
    told = device.start()
    assert (told.file, told.refusal, told.warnings, told.ignored) == ("", "", (), ())
    assert device.names == ["inkvm-4f2a"]
    assert device.now() == {"passwd": PASSWD}
    assert device.lasting() == {}
    assert (device.runtime / "localtime").readlink() == device.zones / "Etc/UTC"


def test_everything_that_a_file_asks_for_is_there_at_the_first_start(device: Device) -> None:
    device.put(FULL)
    told = device.start()
    assert (told.file, told.refusal, told.warnings) == ("inkvm.toml", "", ())
    assert device.names == ["kvm-rack3"]
    lasting = device.lasting()
    assert (lasting["hostname"], lasting["timezone"], lasting["country"]) == (
        b"kvm-rack3\n",
        b"Europe/Berlin\n",
        b"DE\n",
    )
    assert lasting["time_servers"] == b"127.0.0.1\n"
    chosen = parse(lasting["settings.toml"].decode())
    assert (chosen.panel.version, chosen.panel.reset) == ("v3", 5)
    assert asked(device.state) == ("storage", "network")
    networks = sorted(name for name in lasting if name.startswith("network/"))
    assert len(networks) == 2
    assert {b"psk=the very first secret" in lasting[name] for name in networks} == {True, False}
    assert (device.runtime / "localtime").readlink() == device.zones / "Europe/Berlin"
    now = device.now()
    assert now["authorized_keys"] == f"{KEY}\n"
    assert now["passwd"] == f"{PASSWD}ann:*:0:0:inkvm administrator:/root:/bin/bash\n"
    account = json.loads(now["account.json"])
    assert account["name"] == "ann"
    assert account["password"].startswith("scrypt:")


def test_secrets_leave_the_card_and_nothing_else_does(device: Device) -> None:
    path = device.put(FULL + "# the very first secret is on the door\n")
    before = path.stat()
    device.start()
    after = path.read_text()
    for secret in SECRETS:
        assert secret not in after
    starred = FULL + "# the very first secret is on the door\n"
    for secret in SECRETS:
        starred = starred.replace(secret, "*" * len(secret))
    assert after == starred
    assert (path.stat().st_ino, path.stat().st_size) == (before.st_ino, before.st_size)
    assert sorted(each.name for each in device.boot.iterdir()) == ["autoboot.txt", "inkvm.toml"]


def test_what_lasts_is_for_root_alone_where_it_is_secret(device: Device) -> None:
    device.put(FULL)
    device.start()
    for path in device.state.rglob("*"):
        content = path.read_text() if path.is_file() else ""
        if any(secret in content for secret in SECRETS):
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700, path
    assert {stat.S_IMODE((device.runtime / name).stat().st_mode) for name in ("authorized_keys", "account.json")} == {
        0o600
    }


def test_the_second_start_changes_nothing(device: Device) -> None:
    device.put(FULL)
    device.start()
    (device.state / "hostname").write_text("changed-later\n")
    (device.state / "network/card-gone.nmconnection").write_text("x")
    written = {path: path.stat().st_mtime_ns for path in [*device.state.rglob("*"), *device.boot.rglob("*")]}
    now = device.now()
    names = json.loads(now.pop("set.json"))
    assert names == [
        "hostname", "timezone", "country", "user", "keys", "wifi", "extras", "time_servers", "panel.version", "panel.reset"
    ]  # fmt: skip
    assert device.start().refusal == ""
    assert {path: path.stat().st_mtime_ns for path in [*device.state.rglob("*"), *device.boot.rglob("*")]} == written
    assert device.now() == now
    assert device.names == ["kvm-rack3", "changed-later"]


def test_a_changed_file_is_applied_and_its_asterisks_stand_for_what_was_there(device: Device) -> None:
    path = device.put(FULL)
    device.start()
    secret = json.loads(device.now()["account.json"])["password"]
    first = {name: content for name, content in device.lasting().items() if b"workshop" in content}
    assert len(first) == 1
    text = path.read_text().replace("KVM-rack3", "kvm-attic").replace('ssid = "attic"', 'ssid = "cellar"')
    device.put(text.replace(f'"{"*" * len("other secret")}"', '"third secret"'))
    assert device.start().refusal == ""
    assert device.names[-1] == "kvm-attic"
    lasting = device.lasting()
    (name,) = first
    assert lasting[name] == first[name]
    networks = [content for each, content in lasting.items() if each.startswith("network/")]
    assert sorted(b"psk=third secret" in content for content in networks) == [False, True]
    assert json.loads(device.now()["account.json"])["password"] == secret
    assert "third secret" not in path.read_text()


def test_what_the_target_sees_stays_as_the_page_has_it_until_the_card_says_otherwise(device: Device) -> None:
    device.put(FULL)
    device.start()
    durable.replace(device.state / REQUEST, b"serial\n")
    device.put(FULL.replace("KVM-rack3", "kvm-attic").replace('extras = ["network", "storage"]', ""))
    device.start()
    assert (device.names[-1], asked(device.state)) == ("kvm-attic", ("serial",))
    device.put(FULL.replace('["network", "storage"]', "[]"))
    device.start()
    assert asked(device.state) == ()


def test_networks_that_are_not_the_cards_stay(device: Device) -> None:
    device.put(FULL)
    device.start()
    (device.state / "network/mine.nmconnection").write_text("x")
    device.put("[system]\nhostname = 'b'\n")
    device.start()
    assert [name for name in device.lasting() if name.startswith("network/")] == ["network/mine.nmconnection"]


def test_settings_that_the_file_does_not_name_stay(device: Device) -> None:
    (device.state / "settings.toml").write_text("[video]\nbitrate = 1000000\n[panel]\ndc = 6\n")
    device.put("[panel]\nversion = 'v2'\n")
    device.start()
    chosen = parse((device.state / "settings.toml").read_text())
    assert (chosen.video.bitrate, chosen.panel.dc, chosen.panel.version) == (1_000_000, 6, "v2")


def test_settings_that_do_not_fit_those_that_are_there_are_refused(device: Device) -> None:
    (device.state / "settings.toml").write_text("[panel]\ndc = 6\n")
    device.put("[panel]\nreset = 6\n")
    assert device.start().refusal == "key 'panel.dc' has value 6, expected another line than panel.reset"


def test_settings_that_cannot_be_used_do_not_keep_the_file_out(device: Device) -> None:
    (device.state / "settings.toml").write_text("rubbish")
    device.put("[panel]\nversion = 'v2'\n")
    assert device.start().refusal == ""
    assert (device.state / "settings.toml").read_text() == '[panel]\nversion = "v2"\n'


def test_a_refused_file_changes_nothing_and_is_not_looked_at_again(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = FULL.replace("192.168.1.50/24", "192.168.1.500/24")
    path = device.put(bad)
    told = device.start()
    words = "network 2: key 'wifi.address' has value ['192.168.1.500/24', 'fd00::5/64'], expected a list of addresses with prefix"
    assert told.refusal.startswith(words)
    assert path.read_text() == bad
    assert device.lasting() == {}
    assert device.now() == {"passwd": PASSWD}
    with monkeypatch.context() as patch:
        patch.setattr("app.firstrun.run.judge", None)
        assert device.start() == told
    device.put(FULL)
    assert device.start().refusal == ""
    assert device.names[-1] == "kvm-rack3"


DOTS = 21_000
"""Of so many the parser would take a minute on this computer, and the unit's time-out ends it on a board."""


@pytest.mark.parametrize("many", [1200, DOTS])
@pytest.mark.parametrize("deep", ["[other]\nx{} = 1\n", "[a{}]\n", "[wifi]\nssid{} = 1\n"])
def test_a_file_that_is_nested_without_end_is_refused_like_any_other(device: Device, deep: str, many: int) -> None:
    device.put(FULL)
    device.start()
    device.put(deep.format(".a" * many))
    told = device.start()
    assert told.refusal == "the file is nested too deeply, expected sections of keys as in the sample"
    assert device.names == ["kvm-rack3"] * 2
    assert device.start() == told
    device.put(deep.format(".a" * 3) if "wifi" not in deep else "")
    assert device.start().refusal == ""


def test_a_file_that_the_program_stumbles_over_keeps_nothing_else_from_being_done(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody foresees everything: the name, the time zone and the words are there all the same, and a later version tries again."""
    device.put(FULL)

    def stumble(*_: object) -> None:
        raise ZeroDivisionError("with a password in it")

    with monkeypatch.context() as patch:
        patch.setattr("app.firstrun.run.judge", stumble)
        told = device.start()
    words = "the file is one that this version cannot judge (ZeroDivisionError), expected one like inkvm-sample.toml"
    assert told.refusal == words
    assert device.names == ["inkvm-4f2a"]
    assert "authorized_keys" not in device.now()
    assert device.start().refusal == ""


def test_a_refused_file_leaves_the_one_before_in_force_but_nobody_a_shell(device: Device) -> None:
    device.put(FULL)
    device.start()
    lasting = device.lasting()
    device.put(FULL.replace("KVM-rack3", "no host"))
    assert "system.hostname" in device.start().refusal
    assert device.lasting() == lasting
    assert device.names[-1] == "kvm-rack3"
    assert "authorized_keys" not in device.now()
    assert device.now()["passwd"] == PASSWD


def test_without_the_file_there_is_no_shell_and_the_network_stays(device: Device) -> None:
    path = device.put(FULL)
    device.start()
    path.unlink()
    assert device.start().file == ""
    assert device.now() == {"passwd": PASSWD}
    assert len([name for name in device.lasting() if name.startswith("network/")]) == 2


def test_the_first_of_the_three_counts_and_the_others_are_named(device: Device) -> None:
    device.put("config_version = 1\n[system]\nhostname = 'c'\n", "custom.toml")
    assert device.start().warnings == ()
    assert device.names[-1] == "c"
    device.put("config_version = '1.1'\n[system]\nhostname = 'b'\n", "rpi-preseed.toml")
    assert device.start().warnings == ("custom.toml is not read, because there is rpi-preseed.toml",)
    assert device.names[-1] == "b"
    device.put("[system]\nhostname = 'a'\n")
    told = device.start()
    assert told.ignored == ()
    assert told.warnings == tuple(
        f"{name} is not read, because there is inkvm.toml" for name in ("rpi-preseed.toml", "custom.toml")
    )
    assert device.names[-1] == "a"


def test_files_that_nobody_reads_are_named(device: Device) -> None:
    for name in ("firstrun.sh", "wpa_supplicant.conf", "ssh", "inkvm.toml.txt"):
        device.put("x", name)
    device.put("#cloud-config\n# nothing\n\n", "user-data")
    device.put("version: 2\n", "network-config")
    assert device.start().ignored == ("firstrun.sh", "network-config", "wpa_supplicant.conf", "ssh", "inkvm.toml.txt")


def test_a_partition_that_is_not_there_is_said_and_changes_nothing(device: Device) -> None:
    device.put(FULL)
    device.start()
    lasting = device.lasting()
    for path in device.boot.iterdir():
        path.unlink()
    assert device.start().warnings == ("the card's first partition cannot be read: it is not mounted",)
    assert device.lasting() == lasting
    assert device.names[-1] == "kvm-rack3"
    assert device.now() == {"passwd": PASSWD}


def test_in_memory_nothing_is_taken_from_the_card(device: Device) -> None:
    """A data partition that failed: what memory holds is gone at the next start, and the card is asked again."""
    path = device.put(FULL)
    device.lasts = False
    device.start()
    assert device.names == ["kvm-rack3"]
    assert path.read_text() == FULL
    device.lasts = True
    device.start()
    assert all(secret not in path.read_text() for secret in SECRETS)


def test_a_card_that_takes_no_writes_is_said_and_tried_again(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    path = device.put(FULL)

    def broken(*_: object) -> int:
        raise OSError(30, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", broken)
        assert device.start().warnings == ("the passwords are still on the card: Read-only file system",)
    assert device.names == ["kvm-rack3"]
    assert path.read_text() == FULL
    assert device.start().warnings == ()
    assert all(secret not in path.read_text() for secret in SECRETS)


@pytest.mark.parametrize("line", ["# {}", "text = '{}'", 'text = "{}" # {}'])
def test_dots_that_are_no_keys_are_nothing(device: Device, line: str) -> None:
    device.put(FULL + "\n[other]\n" + line.replace("{}", "." * 100) + "\n")
    assert device.start().refusal == ""


@pytest.mark.parametrize("where", ["_give", "_connect"])
def test_what_cannot_be_made_leaves_the_card_its_secrets(
    device: Device, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    path = device.put(FULL)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(f"app.firstrun.steps.Steps.{where}", full)
        for _start in range(2):
            assert "No space left" in device.start().warnings[0]
            assert path.read_text() == FULL
    assert device.start().warnings == ()
    assert all(secret not in path.read_text() for secret in SECRETS)


def test_a_full_data_partition_takes_no_secret_from_the_card(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    path = device.put(FULL)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        told = device.start()
    assert told.warnings == (
        "the customisation could not be kept, and is tried again at the next start: No space left on device",
    )
    assert path.read_text() == FULL
    assert "authorized_keys" not in device.now()
    assert device.start().warnings == ()
    assert device.names[-1] == "kvm-rack3"
    device.put("[system]\nhostname = 'a_b'\n")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        assert device.start().refusal.startswith("key 'system.hostname' has value 'a_b'")


def test_settings_that_were_changed_before_the_file_was_applied_are_no_traceback(
    device: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data partition was full at the first start, and the page was used before the second."""
    device.put(FULL)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("app.firstrun.steps.Steps._give", full)
        assert "No space left" in device.start().warnings[0]
    (device.state / "settings.toml").write_text("[panel]\ndc = 5\n")
    told = device.start()
    assert told.warnings[0].endswith("key 'panel.dc' has value 5, expected another line than panel.reset")
    assert "authorized_keys" not in device.now()
    (device.state / "settings.toml").unlink()
    assert device.start().warnings == ()
    assert "authorized_keys" in device.now()


def test_a_record_of_another_version_is_read_as_far_as_it_is_known(device: Device) -> None:
    device.put(FULL)
    device.start()
    path = device.state / "firstrun/record.json"
    record = json.loads(path.read_text())
    record["new"] = record["wanted"]["new"] = record["wanted"]["wifi"][0]["new"] = record["wanted"]["user"]["new"] = 1
    del record["warnings"], record["wanted"]["country"]
    path.write_text(json.dumps(record))
    assert device.start().refusal == ""
    assert "authorized_keys" in device.now()


@pytest.mark.parametrize("planted", ["link", "file", "open"])
def test_a_vault_that_is_not_its_own_is_not_used(device: Device, planted: str, tmp_path: Path) -> None:
    """The daemon owns the folder around it, and must not get itself a shell that way."""
    vault = device.state / "firstrun"
    if planted == "link":
        (tmp_path / "elsewhere").mkdir()
        vault.symlink_to(tmp_path / "elsewhere")
    elif planted == "file":
        vault.touch()
    else:
        vault.mkdir()
        vault.chmod(0o777)
    path = device.put(FULL)
    told = device.start()
    assert "could not be kept" in told.warnings[0]
    assert path.read_text() == FULL
    assert device.now() == {"passwd": PASSWD}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"file": 3}', '{"wanted": {}}', '{"wanted": {"wifi": [{}]}}'])
def test_a_vault_with_rubbish_is_an_empty_one(device: Device, content: str) -> None:
    (device.state / "firstrun").mkdir(mode=0o700)
    for name in ("record.json", "refused.json"):
        (device.state / "firstrun" / name).write_text(content)
    device.put(FULL)
    assert device.start().refusal == ""
    assert device.names == ["kvm-rack3"]


def test_a_card_s_asterisks_mean_nothing_to_another_device(device: Device) -> None:
    device.put("[[wifi]]\nssid = 'a'\npassword = '*********'\n")
    words = (
        "key 'wifi.password' has value (not shown), expected the passphrase: no earlier one of this network is known"
    )
    assert device.start().refusal == words


@pytest.mark.parametrize("kind", ["folder", "link", "large", "pipe"])
def test_what_is_no_small_file_is_refused(device: Device, kind: str) -> None:
    import os

    path = device.boot / "custom.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.write_bytes(b"#" * (1 << 20))
    words = {
        "folder": "custom.toml is a folder or a device, expected a file",
        "pipe": "custom.toml is a folder or a device, expected a file",
        "link": "custom.toml is a link, expected a file",
        "large": "custom.toml has 1048576 bytes, expected at most 65536",
    }
    assert device.start().refusal == words[kind]


@pytest.mark.parametrize("planted", ["../../etc", "-x", "a b", "a\nb", "\xff"])
def test_names_that_somebody_put_in_the_state_folder_are_checked(device: Device, planted: str) -> None:
    for name in ("hostname", "timezone"):
        (device.state / name).write_text(planted, "latin-1")
    device.start()
    assert device.names == ["inkvm-4f2a"]
    assert (device.runtime / "localtime").readlink() == device.zones / "Etc/UTC"


def test_a_link_in_place_of_the_name_is_not_followed(device: Device, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (device.state / "hostname").symlink_to(tmp_path / "secret")
    device.start()
    assert device.names == ["inkvm-4f2a"]
